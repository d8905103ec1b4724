/* A map on a canvas, a cell a pixel, in the colours of signed values. */

import { colourOf } from "../shared/colour.js";

const STEPS = 255; // on each side of zero
const TABLES = {};

function tableOf(scale) {
  TABLES[scale] ??= Array.from({ length: 2 * STEPS + 1 }, (_, at) => colourOf(at / STEPS - 1, 1, scale));
  return TABLES[scale];
}

/* `values` of rows x columns; `bound` is the value of the full colour. */
export function paintMap(canvas, values, rows, columns, bound, scale = "data") {
  if (canvas.width !== columns || canvas.height !== rows) Object.assign(canvas, { width: columns, height: rows });
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  const table = tableOf(scale);
  for (let cell = 0; cell < rows * columns; cell += 1) {
    const share = Math.min(1, Math.max(-1, values[cell] / (bound || 1)));
    image.data.set(table[Math.round((share + 1) * STEPS)], 4 * cell);
    image.data[4 * cell + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

/* uint8 pixels, one value or three a cell. */
export function paintPixels(canvas, pixels, rows, columns) {
  if (canvas.width !== columns || canvas.height !== rows) Object.assign(canvas, { width: columns, height: rows });
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  const depth = pixels.length / (rows * columns);
  for (let cell = 0; cell < rows * columns; cell += 1) {
    for (let part = 0; part < 3; part += 1) image.data[4 * cell + part] = pixels[cell * depth + (depth === 3 ? part : 0)];
    image.data[4 * cell + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

/* The largest magnitude of values. */
export function boundOf(values) {
  let bound = 0;
  for (const value of values) if (Number.isFinite(value)) bound = Math.max(bound, Math.abs(value));
  return bound;
}

/* Lay `box` over rows x columns cells: [top, left, height, width] in cells. */
export function frameOver(frame, box, rows, columns) {
  frame.hidden = !box;
  if (!box) return;
  const [top, left, high, wide] = box;
  const share = (value, side) => `${(100 * value) / side}%`;
  const styles = { top: share(top, rows), left: share(left, columns), height: share(high, rows), width: share(wide, columns) };
  Object.assign(frame.style, styles);
}

/* A kernel (channels, k, l): of three channels as a colour picture around grey, of one in the colours of weights. */
export function paintFilter(canvas, { values, shape: [channels, rows, columns] }) {
  const bound = boundOf(values) || 1;
  const area = rows * columns;
  if (channels !== 3) return paintMap(canvas, values.subarray(0, area), rows, columns, bound, "weight");
  const pixels = new Uint8Array(3 * area);
  for (let cell = 0; cell < area; cell += 1)
    for (let part = 0; part < 3; part += 1) pixels[3 * cell + part] = 127.5 + (127.5 * values[part * area + cell]) / bound;
  return paintPixels(canvas, pixels, rows, columns);
}
