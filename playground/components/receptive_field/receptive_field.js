/* The receptive field of one cell, drawn on the picture: move the mouse to choose the cell, the slider to choose the
   layer; left alone, it grows layer by layer. */

import { keepInAddress, linkedNumber, linkedParts } from "../shared/address.js";
import { make } from "../shared/dom.js";
import { clamp, onArrows, shareOf } from "../shared/pointing.js";

const MARGIN = 0.22; // of the picture, around it: where fields reach into the padding

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".field");
  if (!root.state) begin(root, (root.state = { text: "", layer: 0, at: [0.5, 0.5], timer: 0 }));
  const { state } = root;
  const text = JSON.stringify([data.layers, data.height, data.width]);
  const fresh = state.text !== text;
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  Object.assign(state, { data, text });
  const parts = fresh && !state.linked ? linkedParts(data.link) : [];
  state.linked = true;
  if (fresh) Object.assign(state, { layer: still ? data.layers.length - 1 : 0, at: [0.5, 0.5] });
  root.querySelector("img").src = data.picture;
  root.querySelector("input").max = data.layers.length - 1;
  root.querySelector(".view").setAttribute("aria-label", `${data.alt} Arrow keys choose another cell.`);
  if (parts.length) open(state, parts);
  draw(root, state);
  if (fresh && !still && !parts.length) play(root, state);
  return () => clearInterval(state.timer);
}

/* What a link says: the layer, and where its cell lies. */
function open(state, [layer, down, right]) {
  state.layer = Math.trunc(linkedNumber(layer, 0, state.data.layers.length - 1, state.layer));
  state.at = [down, right].map((share) => linkedNumber(share, 0, 0.9999, 0.5));
}

function keep(root, state) {
  keepInAddress(state.data.link, root, [state.layer, ...state.at.map((share) => Number(share.toFixed(4)))]);
}

function begin(root, state) {
  const [button, slider, view, image] = root.querySelectorAll("button, input, .view, .view img");
  slider.addEventListener("input", () => {
    state.layer = Number(slider.value);
    stop(root, state);
    keep(root, state);
  });
  button.addEventListener("click", () => (state.timer ? stop(root, state) : play(root, state, true)));
  view.addEventListener("pointermove", (event) => move(root, state, shareOf(event, image)));
  onArrows(view, (down, right) => {
    const [rows, columns] = state.data.layers[state.layer].map;
    move(root, state, [state.at[0] + down / (rows ?? 1), state.at[1] + right / (columns ?? 1)]);
  });
  new ResizeObserver(() => state.data && draw(root, state)).observe(root);
}

function move(root, state, shares) {
  state.at = shares.map((share) => clamp(share, 0, 0.9999));
  keep(root, state);
  draw(root, state);
}

function play(root, state, again) {
  if (again && state.layer >= state.data.layers.length - 1) state.layer = 0;
  const step = clamp(9000 / state.data.layers.length, 120, 800);
  clearInterval(state.timer);
  state.timer = setInterval(() => {
    if (state.layer >= state.data.layers.length - 1) return stop(root, state);
    state.layer += 1;
    draw(root, state);
  }, step);
  draw(root, state);
}

function stop(root, state) {
  clearInterval(state.timer);
  state.timer = 0;
  draw(root, state);
}

/* The cell of the layer's map that lies at `share` of a side, and the input cells it sees. */
export function fieldAt(layer, side, share, length) {
  const cells = layer.cells[side];
  const cell = Math.min(Math.floor(share * cells.length), cells.length - 1);
  const fields = layer.fields[side];
  const [first, last] = fields[cell % fields.length];
  const moved = Math.floor(cell / fields.length) * layer.shift[side];
  return { cell, whole: [first + moved, last + moved], inside: cells[cell], length };
}

function draw(root, state) {
  const { layers, height, width } = state.data;
  const layer = layers[state.layer];
  if (!layer) return;
  const [down, right] = [fieldAt(layer, 0, state.at[0], height), fieldAt(layer, 1, state.at[1], width)];
  const world = root.querySelector(".world");
  const scale = scaleOf(root, state.data);
  Object.assign(world.style, { width: `${width * scale}px`, height: `${height * scale}px` });
  root.querySelector(".view").style.padding = `${height * scale * MARGIN}px ${width * scale * MARGIN}px`;
  place(root.querySelector(".whole"), down.whole, right.whole, scale);
  place(root.querySelector(".seen"), down.inside, right.inside, scale);
  const middle = (span, size) => clamp((span[0] + span[1] + 1) / 2, 0, size) * scale;
  const dot = root.querySelector(".dot");
  Object.assign(dot.style, { top: `${middle(down.whole, height)}px`, left: `${middle(right.whole, width)}px` });
  root.querySelector("input").value = state.layer;
  root.querySelector("output").textContent = `${state.layer + 1} of ${layers.length}`;
  const button = root.querySelector(".play");
  button.textContent = state.timer ? "❚❚ Pause" : "▶ Grow";
  const lines = root.querySelector(".words");
  lines.setAttribute("aria-live", state.timer ? "off" : "polite"); // not a sentence for every layer while it grows
  lines.replaceChildren(...words(layer, down, right));
  if (state.data.measured) drawEffective(root.querySelector(".effective"), layer, state.data, scale);
}

/* Pixels of the screen for a cell of the input; the effective field stands beside where there is room for both. */
function scaleOf(root, { height, width, measured }) {
  const margins = 1 + 2 * MARGIN;
  const beside = measured && root.clientWidth > 560;
  const room = Math.min(beside ? ((root.clientWidth - 24) * margins) / (margins + 1) : root.clientWidth, 620);
  return Math.min(room / (width * margins), 420 / (height * margins));
}

function drawEffective(figure, layer, { height, width }, scale) {
  const { effective } = layer;
  figure.hidden = false;
  figure.style.width = `${width * scale}px`;
  const map = figure.querySelector(".map");
  Object.assign(map.style, { height: `${height * scale}px`, display: effective ? "block" : "none" });
  const caption = figure.querySelector("figcaption");
  if (!effective) {
    caption.textContent = "Effective: no pixel of this image influences the middle cell of this layer; its units are inactive.";
    return;
  }
  const { window: [rows, columns], half, most } = effective;
  const target = layer.map.length ? "the middle cell" : "the sum of all values";
  figure.querySelector("img").src = effective.image;
  place(figure.querySelector(".theory"), rows, columns, scale);
  for (const [name, side] of [[".half", half], [".most", most]]) {
    place(figure.querySelector(name), squareAbout(rows, side), squareAbout(columns, side), scale);
  }
  caption.textContent = `Effective: influence of each pixel on ${target}. Half of it lies within ${half}×${half} `
    + `pixels (blue), 95 % within ${most}×${most} (dashed).`;
  figure.querySelector("img").alt = caption.textContent;
}

/* First and last cell of a square of so many cells about the middle of a span. */
function squareAbout([first, last], side) {
  const middle = (first + last) / 2;
  return [middle - (side - 1) / 2, middle + (side - 1) / 2];
}

function place(element, rows, columns, scale) {
  const empty = rows[0] === null || columns[0] === null;
  Object.assign(element.style, {
    display: empty ? "none" : "block",
    top: `${rows[0] * scale}px`,
    left: `${columns[0] * scale}px`,
    height: `${(rows[1] - rows[0] + 1) * scale}px`,
    width: `${(columns[1] - columns[0] + 1) * scale}px`,
  });
}

function words(layer, down, right) {
  const said = [["strong", layer.name]];
  const where = layer.map.length ? ` of cell (${down.cell}, ${right.cell}) in ${layer.map.join("×")}` : " of every value";
  said.push(["", `receptive field ${layer.size.join("×")}${where}`]);
  if (layer.map.length) said.push(["", `jump ${layer.jump.join("×")}, first field starts at (${layer.start.join(", ")})`]);
  const cells = down.inside[0] === null || right.inside[0] === null ? 0 : area(down.inside, right.inside);
  said.push(["", `${(100 * cells / (down.length * right.length)).toFixed(1)} % of this image`]);
  return said.map(([kind, text]) => make("span", kind, text));
}

function area(rows, columns) {
  return (rows[1] - rows[0] + 1) * (columns[1] - columns[0] + 1);
}
