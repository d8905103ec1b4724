/* A small network computed here, layer by layer; the operations of core/lessons/inspect_network/program.py.

   A value is { values, shape }: a Float32Array of (C, H, W). Features (F,) are F maps of one cell. */

/* The output of every operation of `program` for the input `x`. */
export function runProgram(program, x) {
  const outputs = [];
  for (const operation of program) {
    const inputs = operation.inputs.map((number) => (number < 0 ? x : outputs[number]));
    outputs.push(OPERATIONS[operation.op](operation, ...inputs));
  }
  return outputs;
}

/* A map with padding around it: { values, height, width }. */
export function paddedMap({ values, shape }, channel, [down, right], filler = 0) {
  const [, rows, columns] = shape;
  const [height, width] = [rows + 2 * down, columns + 2 * right];
  const padded = new Float32Array(height * width).fill(filler);
  for (let row = 0; row < rows; row += 1) {
    const start = (channel * rows + row) * columns;
    padded.set(values.subarray(start, start + columns), (row + down) * width + right);
  }
  return { values: padded, height, width };
}

function convolved({ weight, bias, stride, padding, dilation, groups }, x) {
  const [maps, width, high, wide] = weight.shape;
  const perGroup = maps / groups;
  const padded = Array.from({ length: x.shape[0] }, (_, channel) => paddedMap(x, channel, padding));
  const [rows, columns] = [high, wide].map((side, axis) =>
    Math.floor((x.shape[axis + 1] + 2 * padding[axis] - dilation[axis] * (side - 1) - 1) / stride[axis]) + 1);
  const values = new Float32Array(maps * rows * columns);
  for (let map = 0; map < maps; map += 1) {
    const sum = new Float64Array(rows * columns).fill(bias ? bias.values[map] : 0);
    for (let inner = 0; inner < width; inner += 1) {
      const source = padded[Math.floor(map / perGroup) * width + inner];
      const kernel = weight.values.subarray((map * width + inner) * high * wide);
      addPart(sum, source, kernel, { rows, columns, high, wide, stride, dilation });
    }
    values.set(sum, map * rows * columns);
  }
  return { values, shape: [maps, rows, columns] };
}

function addPart(sum, source, kernel, { rows, columns, high, wide, stride, dilation }) {
  for (let u = 0; u < high; u += 1) {
    for (let v = 0; v < wide; v += 1) {
      const weight = kernel[u * wide + v];
      for (let row = 0; row < rows; row += 1) {
        const start = (row * stride[0] + u * dilation[0]) * source.width + v * dilation[1];
        for (let column = 0; column < columns; column += 1)
          sum[row * columns + column] += weight * source.values[start + column * stride[1]];
      }
    }
  }
}

function linear({ weight, bias }, x) {
  const [outputs, inputs] = weight.shape;
  const values = new Float32Array(outputs);
  for (let output = 0; output < outputs; output += 1) {
    let sum = bias ? bias.values[output] : 0;
    for (let input = 0; input < inputs; input += 1) sum += weight.values[output * inputs + input] * x.values[input];
    values[output] = sum;
  }
  return { values, shape: [outputs, 1, 1] };
}

function pooled({ op, kernel_size: kernel, stride, padding }, x) {
  const largest = op === "maxpool";
  const [maps, height, width] = x.shape;
  const [rows, columns] = [height, width].map((side, axis) =>
    Math.floor((side + 2 * padding[axis] - kernel[axis]) / stride[axis]) + 1);
  const values = new Float32Array(maps * rows * columns);
  for (let map = 0; map < maps; map += 1) {
    const source = paddedMap(x, map, padding, largest ? -Infinity : 0);
    for (let cell = 0; cell < rows * columns; cell += 1) {
      const top = Math.floor(cell / columns) * stride[0];
      const left = (cell % columns) * stride[1];
      values[map * rows * columns + cell] = reduced(source, top, left, kernel, largest);
    }
  }
  return { values, shape: [maps, rows, columns] };
}

function reduced(source, top, left, [high, wide], largest) {
  let [best, sum] = [-Infinity, 0];
  for (let row = top; row < top + high; row += 1) {
    for (let column = left; column < left + wide; column += 1) {
      const value = source.values[row * source.width + column];
      best = Math.max(best, value);
      sum += value;
    }
  }
  return largest ? best : sum / (high * wide);
}

const cellwise = (x, change) => ({ shape: x.shape, values: x.values.map(change) });
const areaOf = ({ shape }) => shape[1] * shape[2];

const OPERATIONS = {
  conv: convolved,
  linear,
  maxpool: pooled,
  avgpool: pooled,
  norm: ({ lines }, x) => cellwise(x, (value, at) => {
    const [scale, shift] = lines[Math.floor(at / areaOf(x))];
    return scale * value + shift;
  }),
  relu: (_, x) => cellwise(x, (value) => Math.max(0, value)),
  reshape: (_, x) => ({ values: x.values, shape: [x.values.length, 1, 1] }),
  add: (_, x, y) => cellwise(x, (value, at) => value + y.values[at]),
  mean: (_, x) => {
    const area = areaOf(x);
    const sums = Array.from({ length: x.shape[0] }, (_, map) =>
      x.values.subarray(map * area, (map + 1) * area).reduce((sum, value) => sum + value, 0));
    return { values: Float32Array.from(sums, (sum) => sum / area), shape: [x.shape[0], 1, 1] };
  },
};

/* Shares of the classes that add up to 1. */
export function softmax(scores) {
  const largest = Math.max(...scores);
  const powers = Array.from(scores, (score) => Math.exp(score - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
