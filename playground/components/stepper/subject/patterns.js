/* The numbers in the cells, in whole hundredths: the same rules as core/lessons/convolution/patterns.py, which a test compares. */

import { flat, unflat } from "../../shared/indices.js";

const ONE = 100;
const BIASES = [1, -1, 2, -2];

function scramble(seed, a, b, c, d, choices) {
  let number = (seed * 1009 + a * 31337 + b * 7919 + c * 104729 + d * 15485863 + 1) >>> 0;
  for (const factor of [0x85ebca6b, 0xc2b2ae35]) number = Math.imul(number ^ (number >>> 15), factor) >>> 0;
  return ((number ^ (number >>> 16)) >>> 0) % choices;
}

const half = (side) => Math.floor(side / 2);

const INPUT_RULES = {
  "letter X": (seed, c, r, q, h, w) => (c + 1) * Number(r === q || r === w - 1 - q),
  edge: (seed, c, r, q, h, w) => (c + 1) * Number(2 * q < w),
  dot: (seed, c, r, q, h, w) => (c + 1) * Number(r === half(h) && q === half(w)),
  ramp: (seed, c, r, q) => c + r + q,
  checkerboard: (seed, c, r, q) => (c + r + q) % 2,
  random: (seed, c, r, q) => scramble(seed, c, r, q, 0, 12) - 4,
};

const KERNEL_RULES = {
  diagonal: (seed, o, i, u, v, h, w) => Number(o % 2 === 0 ? u === v : u === w - 1 - v),
  identity: (seed, o, i, u, v, h, w) => Number(u === half(h) && v === half(w)),
  edge: (seed, o, i, u, v, h, w) =>
    o % 2 === 0 ? Number(v === 0) - Number(v === w - 1) : Number(u === 0) - Number(u === h - 1),
  outline: (seed, o, i, u, v, h, w) => (u === half(h) && v === half(w) ? h * w - 1 : -1),
  blur: () => 1,
  ramp: (seed, o, i, u, v, h, w) => u * w + v + 1,
  random: (seed, o, i, u, v) => scramble(seed, o, i, u, v, 7) - 3,
};

/* Input (C, H, W), kernels and biases of an effective state, flat, in hundredths. */
export function inputCells(state) {
  const [height, width] = state.size;
  const rule = INPUT_RULES[state.picture];
  const shape = [state.in_channels, height, width];
  return edited(fill(shape, ([c, r, q]) => ONE * rule(state.seed, c, r, q, height, width)), shape, state.x);
}

export function weightShape(state) {
  const transposed = state.mode === "transposed";
  const outer = transposed ? state.in_channels : state.out_channels;
  return [outer, (transposed ? state.out_channels : state.in_channels) / state.groups, ...state.kernel];
}

export function kernelCells(state) {
  const shape = weightShape(state);
  const rule = KERNEL_RULES[state.weights];
  return edited(fill(shape, (place) => ONE * rule(state.seed, ...place, ...state.kernel)), shape, state.w);
}

export function biasCells(state) {
  const shape = [state.out_channels];
  return state.bias ? edited(fill(shape, ([o]) => ONE * BIASES[o]), shape, state.b) : fill(shape, () => 0);
}

function fill(shape, rule) {
  return Array.from({ length: shape.reduce((product, side) => product * side, 1) }, (_, cell) => rule(unflat(cell, shape)));
}

/* Put in the cells that were changed by hand; a change outside the present shape waits until there is room for it. */
function edited(cells, shape, edits) {
  for (const edit of edits ? edits.split("~") : []) {
    const place = edit.split(".").map(Number);
    const value = place.pop();
    if (place.length !== shape.length || place.some((at, axis) => at >= shape[axis])) continue;
    cells[flat(place, shape)] = value;
  }
  return cells;
}

/* The edits with one more; a later change of the same cell replaces the earlier. */
export function withEdit(edits, place, hundredths) {
  const head = place.join(".") + ".";
  const others = (edits ? edits.split("~") : []).filter(
    (edit) => !(edit.startsWith(head) && edit.split(".").length === place.length + 1),
  );
  return [...others, head + hundredths].join("~");
}
