/* One frame: a canvas that draws the input, its output, or both with a divider between them. */
import { textOn } from "../shared/colour.js";
import { afterAt, beforeAt, short } from "./pixels.js";
import { cameraOf, windowOf } from "./geometry.js";

/* what: "before", "after" or "both"; divider: the screen x of the divider for "both". */
export function drawFrame(context, state, what, width, height, divider) {
  const camera = cameraOf(state.geometry, state.zoom, width, height);
  if (what !== "after") clipped(context, 0, what === "both" ? divider : width, height, () => drawBefore(context, state, camera));
  if (what !== "before") {
    const from = what === "both" ? divider : 0;
    clipped(context, from, width - from, height, () => drawAfter(context, state, camera));
  }
  if (state.probe) drawProbe(context, state, camera, what);
  return camera;
}

function clipped(context, x, width, height, draw) {
  context.save();
  context.beginPath();
  context.rect(x, 0, Math.max(0, width), height);
  context.clip();
  draw();
  context.restore();
}

function drawPicture(context, camera, picture, x, y, width, height) {
  const [left, top] = camera.toScreen(x, y);
  context.imageSmoothingEnabled = (camera.scale * width) / picture.width < 1.5;
  context.drawImage(picture, left, top, width * camera.scale, height * camera.scale);
}

function drawBefore(context, state, camera) {
  drawPicture(context, camera, state.beforePicture, 0, 0, state.geometry.width, state.geometry.height);
  if (camera.scale >= 38) {
    const [rows, columns] = state.data.before;
    writeCells(context, camera, { first: 0, count: columns }, { first: 0, count: rows }, 1, (row, column) => beforeAt(state.data, row, column), state.beforePicture);
  }
}

function drawAfter(context, state, camera) {
  const { x, y, stride } = state.geometry;
  context.fillStyle = state.colours.empty;
  const [left, top] = camera.toScreen(x.low, y.low);
  context.fillRect(left, top, (x.high - x.low) * camera.scale, (y.high - y.low) * camera.scale);
  drawPicture(context, camera, state.afterPicture, x.first, y.first, x.count * stride, y.count * stride);
  if (camera.scale * stride >= 38) {
    writeCells(context, camera, x, y, stride, (row, column) => afterAt(state.data, row, column), state.afterPicture);
  }
}

function writeCells(context, camera, x, y, step, valuesAt, picture) {
  const colours = picture.rgba;
  const side = camera.scale * step;
  const visible = (axis, low, high) => [
    Math.max(0, Math.floor((low - axis.first) / step)), Math.min(axis.count - 1, Math.floor((high - axis.first) / step)),
  ];
  const corner = camera.toWorld(0, 0);
  const far = camera.toWorld(context.canvas.clientWidth, context.canvas.clientHeight);
  const [r0, r1] = visible(y, corner.y, far.y);
  const [c0, c1] = visible(x, corner.x, far.x);
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (let row = r0; row <= r1; row += 1) {
    for (let column = c0; column <= c1; column += 1) {
      const values = valuesAt(row, column);
      const at = 4 * (row * picture.width + column);
      context.fillStyle = textOn(colours.slice(at, at + 3));
      const size = Math.max(9, Math.min(15, side / (values.length > 1 ? 5 : 3.6)));
      context.font = `${size}px ui-monospace, SFMono-Regular, Menlo, monospace`;
      const [cx, cy] = camera.toScreen(x.first + (column + 0.5) * step, y.first + (row + 0.5) * step);
      values.forEach((value, i) => context.fillText(short(value, 3), cx, cy + (i - (values.length - 1) / 2) * size * 1.15));
    }
  }
}

/* The window that an output cell reads, and the cell itself. */
function drawProbe(context, state, camera, what) {
  const { geometry, probe } = state;
  const box = (rect, colour, width) => {
    const [left, top] = camera.toScreen(rect.x, rect.y);
    const [w, h] = [rect.width * camera.scale, rect.height * camera.scale];
    context.lineWidth = width + 2;
    context.strokeStyle = "rgba(0, 0, 0, .65)";
    context.strokeRect(left, top, w, h);
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.strokeRect(left, top, w, h);
  };
  if (what !== "after") box(windowOf(geometry, probe), "#ffd54a", 2);
  if (what !== "before") {
    const cell = { x: geometry.x.first + probe.column * geometry.stride, y: geometry.y.first + probe.row * geometry.stride };
    box({ ...cell, width: geometry.stride, height: geometry.stride }, "#ffffff", 1.5);
  }
}
