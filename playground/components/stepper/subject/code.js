/* The module as one would write it in PyTorch, and the size formula with this moment's numbers. */

import { axisReads } from "./arithmetic.js";
import { ends, outputSide } from "./rules.js";

const pair = (value) => (value[0] === value[1] ? String(value[0]) : `(${value[0]}, ${value[1]})`);
const argument = (name, value, normal) => (String(value) === String(normal) ? "" : `, ${name}=${pair(value)}`);

export function constructorLine(state) {
  const [top, bottom, left, right] = state.padding;
  const even = top === bottom && left === right;
  const padding = even ? argument("padding", [top, left], [0, 0]) : "";
  if (state.mode === "max" || state.mode === "average") {
    const name = state.mode === "max" ? "MaxPool2d" : "AvgPool2d";
    const stride = argument("stride", state.stride, state.kernel);
    const dilation = argument("dilation", state.dilation, [1, 1]);
    return `nn.${name}(kernel_size=${pair(state.kernel)}${stride}${padding}${dilation})`;
  }
  const padded = even && top + left > 0 && state.padding_mode !== "zeros";
  return `nn.${state.mode === "transposed" ? "ConvTranspose2d" : "Conv2d"}(`
    + `${state.in_channels}, ${state.out_channels}, kernel_size=${pair(state.kernel)}`
    + argument("stride", state.stride, [1, 1]) + padding
    + argument("output_padding", state.output_padding, [0, 0])
    + argument("dilation", state.dilation, [1, 1])
    + (state.groups > 1 ? `, groups=${state.groups}` : "")
    + (state.bias ? "" : ", bias=False")
    + (padded ? `, padding_mode="${state.padding_mode}"` : "") + ")";
}

/* "H_out = W_out = ⌊(9 + 1 + 1 − 1·(3 − 1) − 1) / 2⌋ + 1 = 5", for both sides where they differ. */
export function sizeLines(state) {
  const texts = [0, 1].map((axis) => sizeLine(state, axis));
  return texts[0] === texts[1] ? [`H_out = W_out = ${texts[0]}`] : [`H_out = ${texts[0]}`, `W_out = ${texts[1]}`];
}

function sizeLine(state, axis) {
  const [before, after] = ends(state, axis);
  const [n, k, s, d] = [state.size[axis], state.kernel[axis], state.stride[axis], state.dilation[axis]];
  const side = outputSide(state, axis);
  if (state.mode === "transposed")
    return `(${n} − 1)·${s} − 2·${before} + ${d}·(${k} − 1) + ${state.output_padding[axis]} + 1 = ${side}`;
  const rounded = (n + before + after - d * (k - 1) - 1) % s ? ", rounded down" : "";
  const unread = unreadCells(state, axis);
  const unused = unread ? `, ${unread} input ${unread === 1 ? "cell" : "cells"} unused` : "";
  return `⌊(${n} + ${before} + ${after} − ${d}·(${k} − 1) − 1) / ${s}⌋ + 1 = ${side}${rounded}${unused}`;
}

/* How many places of the input along an axis no window reads: the last ones, or those in gaps of stride or dilation.
   Padding that shows an input again counts as that input. */
function unreadCells(state, axis) {
  const { source, read } = axisReads(state, axis);
  return state.size[axis] - new Set(source.filter((input, place) => input >= 0 && read.has(place))).size;
}
