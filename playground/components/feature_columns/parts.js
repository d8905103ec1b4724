/* What one map is made of, cell by cell: its sources with a kernel each, and the layers behind.

   Parts are { reduces, sources, rest, restCount, bias, stride, dilation, later, rows, columns, main }, where a source is
   { column, channel, values, height, width, kernel, high, wide }: as the server sends them, or from a small network. */

import { unpacked } from "../shared/numbers.js";
import { paddedMap } from "./forward.js";

export const INPUT_COLUMN = -1;
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
  return { rest: null, restCount: 0, bias: 0, stride: [WHOLE, WHOLE], dilation: [WHOLE, WHOLE], ...made, later, rows, columns, main: mapOf(output, channel) };
}

function ofConvolution({ weight, bias, stride, padding, dilation, groups }, [x], [at], channel) {
  const [maps, width, high, wide] = weight.shape;
  const first = Math.floor(channel / (maps / groups)) * width;
  const sources = Array.from({ length: width }, (_, inner) => {
    const start = (channel * width + inner) * high * wide;
    const kernel = weight.values.subarray(start, start + high * wide);
    return { column: at, channel: first + inner, ...paddedMap(x, first + inner, padding), kernel, high, wide };
  });
  return { reduces: "sum", sources, bias: bias ? bias.values[channel] : 0, stride, dilation };
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

/* The values of a source that cell (row, column) reads. */
export function windowOf({ stride, dilation }, source, row, column) {
  const values = new Float64Array(source.high * source.wide);
  for (let u = 0; u < source.high; u += 1)
    for (let v = 0; v < source.wide; v += 1)
      values[u * source.wide + v] =
        source.values[(row * stride[0] + u * dilation[0]) * source.width + column * stride[1] + v * dilation[1]];
  return values;
}

/* Every number behind one cell: { windows, terms, rest, bias, main, later, value }. */
export function cellOf(parts, row, column) {
  const at = row * parts.columns + column;
  const windows = parts.sources.map((source) => windowOf(parts, source, row, column));
  const terms = windows.map((values, number) => {
    if (parts.reduces === "maximum") return Math.max(...values);
    const sum = values.reduce((total, value, cell) => total + value * parts.sources[number].kernel[cell], 0);
    return parts.reduces === "average" ? sum / values.length : sum;
  });
  const rest = parts.rest ? parts.rest[at] : 0;
  const main = terms.reduce((total, term) => total + term, rest + parts.bias);
  const later = parts.later.map((layer) => ({ ...layer, value: layer.values[at] }));
  return { windows, terms, rest, bias: parts.bias, main, later, value: later.length ? later.at(-1).value : parts.main[at] };
}

/* Terms and their total with so many decimals, and what rounding leaves between them. */
export function roundedSum(terms, total, digits = 3) {
  const unit = 10 ** digits;
  const whole = terms.map((term) => Math.round(term * unit));
  const end = Math.round(total * unit);
  const rounding = end - whole.reduce((sum, term) => sum + term, 0);
  return { terms: whole.map((term) => term / unit), total: end / unit, rounding: rounding / unit };
}
