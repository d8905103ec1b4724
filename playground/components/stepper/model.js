/* Everything that follows from a state: sizes, cells, sums, gradients, and the ends of the colour scales. */

import { flat, unflat } from "../shared/indices.js";
import { effective } from "./subject/rules.js";
import { biasCells, inputCells, kernelCells } from "./subject/patterns.js";
import { backward, forward, layout } from "./subject/arithmetic.js";

const GEOMETRY = [
  "mode", "size", "in_channels", "out_channels", "groups", "kernel", "stride", "padding", "padding_mode", "dilation",
  "output_padding", "flip",
];

/* `before` is the last model: its taps are kept where only numbers changed. `given` are the numbers of a real layer in
   place of those that the state makes: { x, w, b } in hundredths, which need not be whole, then of each output what further
   inputs add (`rest` of `restCount`), its value `main` and those of the layers behind (`later`); the numbers of its
   `channels` and of its `map`, the `origin` of x and y, and whether they are `isCut` out of a larger layer. */
export function modelOf(wanted, before, given = null) {
  const state = effective(wanted);
  const key = GEOMETRY.map((name) => state[name]).join("|");
  const plan = before?.key === key ? before.plan : layout(state);
  plan.state = state;
  const { x, w, b } = given ?? { x: inputCells(state), w: plan.pool ? [] : kernelCells(state), b: biasCells(state) };
  const result = forward(plan, x, w, b);
  given?.rest?.forEach((value, output) => (result.value[output] += value * result.over));
  const picked = pickedOutput(plan, state.picked);
  const grad = backward(plan, x, w, result, picked);
  const model = { key, state, plan, x, w, b, given, result, picked, grad, weightTints: [] };
  model.valueOf = (cell) => (plan.source[cell] < 0 ? 0 : x[plan.source[cell]]);
  model.weightBound = most(w.concat(b)) / 100;
  model.bounds = state.backward
    ? { x: most(grad.dx) / grad.dxOver, w: Math.max(most(grad.dw) / grad.dwOver, most(grad.db)), y: 1 }
    : { x: most(x) / 100, w: model.weightBound, y: most(result.value) / result.over };
  return model;
}

/* The padded place of an input cell. */
export function paddedPlace(plan, input) {
  const [channel, row, column] = unflat(input, [plan.channels, plan.height, plan.width]);
  return flat([channel, row + plan.top, column + plan.left], [plan.channels, plan.paddedHeight, plan.paddedWidth]);
}

function pickedOutput(plan, picked) {
  if (!picked) return null;
  const [map, row, column] = picked.split(".").map(Number);
  if (map >= plan.maps || row >= plan.rows || column >= plan.columns) return null;
  return (map * plan.rows + row) * plan.columns + column;
}

function most(values) {
  let largest = 0;
  for (const value of values) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  return largest;
}
