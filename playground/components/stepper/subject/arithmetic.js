/* Which input meets which weight for which output, and the exact sums forward and backward, all in integers.

   A "tap" is one product: an input cell (counted in the padded grid), a weight and an output. All three modes are lists
   of taps, so that every hover and both passes read the same lists. */

import { ends, isPool, outputSide } from "./rules.js";
import { weightShape } from "./patterns.js";

const HUNDRED = 100;

/* Sizes and taps of an effective state. */
export function layout(state) {
  const transposed = state.mode === "transposed";
  const [height, width] = state.size;
  const [top, bottom, left, right] = transposed ? [0, 0, 0, 0] : state.padding;
  const plan = {
    state, transposed, pool: isPool(state),
    channels: state.in_channels, height, width, top, left,
    paddedHeight: height + top + bottom, paddedWidth: width + left + right,
    maps: state.out_channels, rows: outputSide(state, 0), columns: outputSide(state, 1),
    kernelHeight: state.kernel[0], kernelWidth: state.kernel[1],
    inputsPerGroup: state.in_channels / state.groups, mapsPerGroup: state.out_channels / state.groups,
  };
  plan.weightCount = plan.pool ? state.kernel[0] * state.kernel[1] : weightShape(state).reduce((a, b) => a * b, 1);
  plan.source = sources(plan);
  collectTaps(plan);
  plan.byWeight = indexed(plan.tapWeight, plan.weightCount);
  plan.byCell = indexed(plan.tapCell, plan.source.length);
  plan.copies = copiesOf(plan);
  return plan;
}

/* For each padded cell the input cell whose value it shows, or -1 for a constant. */
function sources(plan) {
  const rows = axisSources(plan.height, ...(plan.transposed ? [0, 0] : ends(plan.state, 0)), plan.state.padding_mode);
  const columns = axisSources(plan.width, ...(plan.transposed ? [0, 0] : ends(plan.state, 1)), plan.state.padding_mode);
  const source = new Int32Array(plan.channels * rows.length * columns.length);
  let cell = 0;
  for (let c = 0; c < plan.channels; c += 1)
    for (const r of rows)
      for (const q of columns) source[cell++] = r < 0 || q < 0 ? -1 : (c * plan.height + r) * plan.width + q;
  return source;
}

function axisSources(size, before, after, mode) {
  return Array.from({ length: before + size + after }, (_, place) => {
    const at = place - before;
    if (at >= 0 && at < size) return at;
    if (mode === "reflect") return at < 0 ? -at : 2 * (size - 1) - at;
    if (mode === "replicate") return at < 0 ? 0 : size - 1;
    return mode === "circular" ? (at + size) % size : -1;
  });
}

/* Along one axis of a mode that reads windows: the input place that each padded place shows (-1: none), and those read. */
export function axisReads(state, axis) {
  const [stride, dilation] = [state.stride[axis], state.dilation[axis]];
  const source = axisSources(state.size[axis], ...ends(state, axis), state.padding_mode);
  const taps = Array.from({ length: state.kernel[axis] }, (_, tap) => tap * dilation);
  const starts = Array.from({ length: Math.max(0, outputSide(state, axis)) }, (_, place) => place * stride);
  return { source, read: new Set(starts.flatMap((start) => taps.map((tap) => start + tap))) };
}

function collectTaps(plan) {
  const [cells, weights, outputs] = [[], [], []];
  plan.start = new Int32Array(plan.maps * plan.rows * plan.columns + 1);
  const rows = axisTaps(plan, 0);
  const columns = axisTaps(plan, 1);
  let output = 0;
  for (let map = 0; map < plan.maps; map += 1) {
    const kernels = kernelsOf(plan, map);
    for (let i = 0; i < plan.rows; i += 1) {
      for (let j = 0; j < plan.columns; j += 1) {
        for (const { channel, offset } of kernels)
          for (const [u, r] of rows[i])
            for (const [v, q] of columns[j]) {
              cells.push((channel * plan.paddedHeight + r) * plan.paddedWidth + q);
              weights.push(offset + u * plan.kernelWidth + v);
              outputs.push(output);
            }
        output += 1;
        plan.start[output] = cells.length;
      }
    }
  }
  plan.tapCell = Int32Array.from(cells);
  plan.tapWeight = Int32Array.from(weights);
  plan.tapOutput = Int32Array.from(outputs);
  plan.writeCounts = Int32Array.from({ length: output }, (_, o) => rows[Math.floor(o / plan.columns) % plan.rows].length
    * columns[o % plan.columns].length);
}

/* The input channels that a map reads, and where the kernel for each lies in the weights. */
export function kernelsOf(plan, map) {
  if (plan.pool) return [{ channel: map, offset: 0 }];
  const area = plan.kernelHeight * plan.kernelWidth;
  const group = Math.floor(map / plan.mapsPerGroup);
  return Array.from({ length: plan.inputsPerGroup }, (_, inner) => {
    const channel = group * plan.inputsPerGroup + inner;
    const place = plan.transposed
      ? channel * plan.mapsPerGroup + (map % plan.mapsPerGroup)
      : map * plan.inputsPerGroup + inner;
    return { channel, offset: place * area };
  });
}

/* Along one axis, for each output place: pairs of the kernel place and the padded input place that meet there. */
function axisTaps(plan, axis) {
  const { state } = plan;
  const [kernel, stride, dilation] = [state.kernel[axis], state.stride[axis], state.dilation[axis]];
  return Array.from({ length: axis ? plan.columns : plan.rows }, (_, place) => {
    const pairs = [];
    for (let tap = 0; tap < kernel; tap += 1) {
      const weight = state.flip ? kernel - 1 - tap : tap;
      if (!plan.transposed) pairs.push([weight, place * stride + tap * dilation]);
      else {
        const reach = place + state.padding[2 * axis] - tap * dilation;
        if (reach >= 0 && reach % stride === 0 && reach / stride < state.size[axis]) pairs.push([weight, reach / stride]);
      }
    }
    return pairs;
  });
}

/* For each key the list of places that hold it, as one array with starts. */
function indexed(keys, count) {
  const start = new Int32Array(count + 1);
  for (const key of keys) start[key + 1] += 1;
  for (let key = 0; key < count; key += 1) start[key + 1] += start[key];
  const next = start.slice();
  const list = new Int32Array(keys.length);
  for (let place = 0; place < keys.length; place += 1) list[next[keys[place]]++] = place;
  return { start, list };
}

export const members = (index, key) => index.list.subarray(index.start[key], index.start[key + 1]);

/* For each input cell the padded cells that show its value, itself among them. */
function copiesOf(plan) {
  const copies = Array.from({ length: plan.channels * plan.height * plan.width }, () => []);
  plan.source.forEach((input, cell) => input >= 0 && copies[input].push(cell));
  return copies;
}

/* The output: numerators over one denominator; `winner` holds the tap that a maximum came from. */
export function forward(plan, x, w, b) {
  const count = plan.start.length - 1;
  const value = new Float64Array(count);
  const winner = plan.state.mode === "max" ? new Int32Array(count) : null;
  const padded = Float64Array.from(plan.source, (input) => (input < 0 ? 0 : x[input]));
  const area = plan.kernelHeight * plan.kernelWidth;
  const share = plan.state.mean || plan.state.mode === "average" ? area : 1;
  for (let o = 0; o < count; o += 1) {
    if (winner) winner[o] = largest(plan, padded, o);
    value[o] = winner ? padded[plan.tapCell[winner[o]]] : summed(plan, padded, w, o);
    if (plan.state.bias) value[o] += b[Math.floor(o / (plan.rows * plan.columns))] * HUNDRED * share;
  }
  return { value, winner, share, over: (plan.pool ? HUNDRED : HUNDRED * HUNDRED) * share };
}

function summed(plan, padded, w, o) {
  let sum = 0;
  for (let tap = plan.start[o]; tap < plan.start[o + 1]; tap += 1)
    sum += padded[plan.tapCell[tap]] * (plan.pool ? 1 : w[plan.tapWeight[tap]]);
  return sum;
}

/* PyTorch keeps the first of equal maxima; padding never wins. */
function largest(plan, padded, o) {
  let best = -1;
  for (let tap = plan.start[o]; tap < plan.start[o + 1]; tap += 1) {
    const cell = plan.tapCell[tap];
    if (plan.source[cell] >= 0 && (best < 0 || padded[cell] > padded[plan.tapCell[best]])) best = tap;
  }
  return best;
}

/* Gradients of the sum of all outputs, or of one output: dL/dy, dL/dx, dL/dw, dL/db, each numerators and `over`. */
export function backward(plan, x, w, result, picked) {
  const dy = new Float64Array(plan.start.length - 1).fill(picked === null ? 1 : 0);
  if (picked !== null) dy[picked] = 1;
  const dx = new Float64Array(plan.channels * plan.height * plan.width);
  const dw = new Float64Array(plan.weightCount);
  const db = new Float64Array(plan.maps);
  for (let tap = 0; tap < plan.tapCell.length; tap += 1) {
    const output = plan.tapOutput[tap];
    if (!dy[output]) continue;
    const input = plan.source[plan.tapCell[tap]];
    if (input < 0) continue;
    dx[input] += dy[output] * slope(plan, w, result, tap);
    dw[plan.tapWeight[tap]] += dy[output] * x[input];
  }
  dy.forEach((gradient, output) => (db[Math.floor(output / (plan.rows * plan.columns))] += gradient));
  return { dy, dx, dw, db, dxOver: (plan.pool ? 1 : HUNDRED) * result.share, dwOver: HUNDRED };
}

/* What one tap multiplies its input by, before it is divided by the share. */
export function slope(plan, w, result, tap) {
  if (!plan.pool) return w[plan.tapWeight[tap]];
  return result.winner ? Number(result.winner[plan.tapOutput[tap]] === tap) : 1;
}
