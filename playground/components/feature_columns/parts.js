/* What one map is made of, cell by cell: its sources with a kernel each, and the layers behind.

   Parts are { number, channel, reduces, sources, rest, restCount, bias, stride, dilation, padding, later, rows, columns,
   main }, where a source is { column, channel, values, height, width, kernel, high, wide } and `padding` the rows and
   columns of zeros in it, [top, bottom, left, right]: as the server sends them, or from a small network. Windows of
   different sizes are given one by one, `windows` along both axes, each [first, behind the last]. */

import { unpacked } from "../shared/numbers.js";
import { paddedMap } from "./forward.js";

export const INPUT_COLUMN = -1;
const UNPADDED = [0, 0, 0, 0];
const WHOLE = 1; // stride and dilation of what has one window

/* One map of an output as a Float32Array. */
export function mapOf({ values, shape }, channel) {
  const area = shape[1] * shape[2];
  return values.subarray(channel * area, (channel + 1) * area);
}

/* The parts that the server sent. */
export function receivedParts(sent) {
  const numbers = (text) => (text === null ? null : unpacked(text, Float32Array));
  return {
    ...sent,
    main: numbers(sent.main),
    rest: numbers(sent.rest),
    sources: sent.sources.map((source) => ({ ...source, values: numbers(source.values), kernel: numbers(source.kernel) })),
    later: sent.later.map((layer) => ({ ...layer, values: numbers(layer.values) })),
  };
}

/* The parts of a map of a network that is computed here; null where its column reads what no column shows. */
export function localParts(model, number, channel) {
  const column = model.columns[number];
  const make = MAKERS[column.kind];
  if (!make || !column.sources.length) return null;
  const operation = model.program[column.main];
  const inputs = column.sources.map((at) => model.shown(at));
  const output = model.outputs[column.main];
  const made = make(operation, inputs, column.sources, channel);
  if (!made) return null;
  const later = column.layers.filter((layer) => layer.number > column.main).map((layer) => {
    const line = model.program[layer.number].lines?.[channel];
    return { ...layer, values: mapOf(model.outputs[layer.number], channel), scale: line?.[0], shift: line?.[1] };
  });
  const [, rows, columns] = output.shape;
  return { number, channel, rest: null, restCount: 0, bias: 0, padding: UNPADDED, stride: [WHOLE, WHOLE], dilation: [WHOLE, WHOLE], ...made, later, rows, columns, main: mapOf(output, channel) };
}

function ofConvolution({ weight, bias, stride, padding, dilation, groups }, [x], [at], channel) {
  const [maps, width, high, wide] = weight.shape;
  const first = Math.floor(channel / (maps / groups)) * width;
  const sources = Array.from({ length: width }, (_, inner) => {
    const start = (channel * width + inner) * high * wide;
    const kernel = weight.values.subarray(start, start + high * wide);
    return { column: at, channel: first + inner, ...paddedMap(x, first + inner, padding), kernel, high, wide };
  });
  const [down, right] = padding;
  return { reduces: "sum", sources, bias: bias ? bias.values[channel] : 0, stride, dilation, padding: [down, down, right, right] };
}

function ofLinear({ weight, bias }, [x], [at], channel) {
  const [maps, high, wide] = x.shape;
  const sources = Array.from({ length: maps }, (_, map) => {
    const start = channel * weight.shape[1] + map * high * wide;
    const kernel = weight.values.subarray(start, start + high * wide);
    return { column: at, channel: map, values: mapOf(x, map), height: high, width: wide, kernel, high, wide };
  });
  return { reduces: "sum", sources, bias: bias ? bias.values[channel] : 0 };
}

function ofPooling({ op, kernel_size: kernel, stride, padding }, [x], [at], channel) {
  const whole = op === "mean";
  const [high, wide] = whole ? x.shape.slice(1) : kernel;
  const source = paddedMap(x, channel, whole ? [0, 0] : padding, op === "maxpool" ? -Infinity : 0);
  const sources = [{ column: at, channel, ...source, kernel: new Float32Array(high * wide).fill(1), high, wide }];
  return { reduces: op === "maxpool" ? "maximum" : "average", sources, ...(whole ? {} : { stride }) };
}

function ofAddition(operation, inputs, numbers, channel) {
  const kernel = Float32Array.of(1);
  const sources = inputs.map((x, at) => ({
    column: numbers[at], channel, values: mapOf(x, channel), height: x.shape[1], width: x.shape[2], kernel, high: 1, wide: 1,
  }));
  return { reduces: "sum", sources };
}

const MAKERS = { convolution: ofConvolution, linear: ofLinear, pooling: ofPooling, addition: ofAddition };

/* Where the window of cell (row, column) lies in a source, in cells that are `dilation` apart. */
export function placeOf({ stride, windows }, source, row, column) {
  if (!windows) return { top: row * stride[0], left: column * stride[1], high: source.high, wide: source.wide };
  const [[top, below], [left, behind]] = [windows[0][row], windows[1][column]];
  return { top, left, high: below - top, wide: behind - left };
}

/* The values of a source that cell (row, column) reads. */
export function windowOf(parts, source, row, column) {
  const { top, left, high, wide } = placeOf(parts, source, row, column);
  const [down, right] = parts.dilation;
  const values = new Float64Array(high * wide);
  for (let u = 0; u < high; u += 1)
    for (let v = 0; v < wide; v += 1) values[u * wide + v] = source.values[(top + u * down) * source.width + left + v * right];
  return values;
}

/* Every number behind one cell: { windows, terms, rest, bias, main, later, value }. */
export function sumAt(parts, row, column) {
  const at = row * parts.columns + column;
  const windows = parts.sources.map((source) => windowOf(parts, source, row, column));
  const terms = windows.map((values, number) => {
    if (parts.reduces === "maximum") return Math.max(...values);
    if (parts.reduces === "average") return values.reduce((total, value) => total + value, 0) / values.length;
    return values.reduce((total, value, cell) => total + value * parts.sources[number].kernel[cell], 0);
  });
  const rest = parts.rest ? parts.rest[at] : 0;
  const main = terms.reduce((total, term) => total + term, rest + parts.bias);
  const later = parts.later.map((layer) => ({ ...layer, value: layer.values[at] }));
  return { windows, terms, rest, bias: parts.bias, main, later, value: later.length ? later.at(-1).value : parts.main[at] };
}
