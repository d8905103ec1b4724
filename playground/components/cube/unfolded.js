/* The tensor laid out flat: N x C small images of H x W, or one slice through it. */

import { flat } from "../shared/indices.js";

const HEAD = 20;
const LARGEST = 46;
const LEFT = 42; // room for the names of rows

/* The axes of rows and columns of tiles and of rows and columns of cells. A slice fixes one axis. */
const LAYOUTS = { all: [0, 1, 2, 3], N: [null, 1, 2, 3], C: [null, 0, 2, 3], H: [null, 0, 1, 3], W: [null, 0, 1, 2] };

/* The width of all images with the largest cells. */
export const widest = (shape) => LEFT + shape[1] * (LARGEST * shape[3] + 8) + 8;

/* Every cell as a square: {index, x, y, side}, the labels beside them, and their height. */
export function squaresOf(shape, letters, width, slice) {
  const layout = LAYOUTS[slice ? slice.axis : "all"];
  const counts = layout.map((axis) => (axis === null ? 1 : shape[axis]));
  const name = (axis, at) => (axis === null ? "" : `${letters[axis].toLowerCase()} = ${at}`);
  const left = layout[0] === null ? 2 : LEFT;
  const fits = (perRow) => Math.min(LARGEST, (width - left - 6) / perRow / counts[3] - 8 / counts[3]);
  let perRow = counts[1]; // tiles per row; a slice may wrap, the full layout keeps its columns
  while (layout[0] === null && perRow > 1 && fits(perRow) < 30) perRow = Math.ceil(perRow / 2);
  const side = Math.max(2.5, fits(perRow));
  const tile = [side * counts[3] + 8, side * counts[2] + (layout[0] === null ? HEAD + 8 : 8)];
  const squares = [];
  const labels = [];
  for (let a = 0; a < counts[0]; a += 1) {
    for (let b = 0; b < counts[1]; b += 1) {
      const row = layout[0] === null ? Math.floor(b / perRow) : a;
      const [x0, y0] = [left + (b % perRow) * tile[0], HEAD + row * tile[1]];
      if (layout[0] === null || a === 0) labels.push({ text: name(layout[1], b), at: [x0 + (tile[0] - 8) / 2, y0 - 6], narrow: tile[0] - 4 });
      if (layout[0] !== null && b === 0) labels.push({ text: name(layout[0], a), at: [left / 2 - 3, y0 + (side * counts[2]) / 2 + 4] });
      for (let u = 0; u < counts[2]; u += 1) for (let v = 0; v < counts[3]; v += 1) {
        const indices = [0, 0, 0, 0];
        layout.forEach((axis, k) => axis !== null && (indices[axis] = [a, b, u, v][k]));
        if (slice) indices["NCHW".indexOf(slice.axis)] = slice.at;
        squares.push({ index: flat(indices, shape), x: x0 + v * side, y: y0 + u * side, side });
      }
    }
  }
  const rows = layout[0] === null ? Math.ceil(counts[1] / perRow) : counts[0];
  return { squares, labels, side, height: HEAD + rows * tile[1] };
}
