/* Before and after in one frame. The same root is kept between reruns, so zoom, divider and pointer stay where they are. */
import { keepInAddress, linkedNumber, linkedParts } from "../shared/address.js";
import { sharpContext } from "../shared/dom.js";
import { TOUCH, clamp, onArrows, shareOf } from "../shared/pointing.js";
import { afterAt, beforeAt, paintAfter, paintBefore, short, unpack } from "./pixels.js";
import { cellAt, geometryOf } from "./geometry.js";
import { drawFrame } from "./frame.js";

const SMALL = 50;
const KEYS_HELP = "Arrow keys read the values, plus and minus zoom, 0 shows the whole image.";
const HINT = TOUCH
  ? "Tap a pixel for its value; drag the divider; + to zoom."
  : "Point at a pixel for its value; drag the divider; double-click or + to zoom.";

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".compare");
  const unpacked = unpack(data);
  root.state ??= begin(root, unpacked.link);
  accept(root, root.state, unpacked);
}

function begin(root, link) {
  const state = { mode: null, divider: 0.5, zoom: { factor: 1, x: 0.5, y: 0.5 }, probe: null, cameras: {} };
  const parts = linkedParts(link);
  open(state, parts);
  listen(root, state);
  new ResizeObserver(() => draw(root, state)).observe(root);
  if (!parts.length && !matchMedia("(prefers-reduced-motion: reduce)").matches) glide(root, state);
  return state;
}

/* What a link says: layout, divider, and the zoom with its middle. */
function open(state, [mode, divider, factor, x, y]) {
  if (mode === "split" || mode === "side") state.mode = mode;
  state.divider = linkedNumber(divider, 0, 1, 0.5);
  const zoom = linkedNumber(factor, 1, 64, 1);
  state.zoom = { factor: zoom, x: linkedNumber(x, -1, 2, 0.5), y: linkedNumber(y, -1, 2, 0.5) };
}

function keep(root, { data, mode, divider, zoom, gliding }) {
  const parts = [mode ?? "auto", ...[gliding ? 0.5 : divider, zoom.factor, zoom.x, zoom.y].map((number) => Number(number.toFixed(3)))];
  keepInAddress(data.link, root, parts.join("_") === "auto_0.5_1_0.5_0.5" ? [] : parts);
}

/* The divider moves by itself once, so that one sees it can be dragged. */
function glide(root, state) {
  const start = performance.now();
  state.gliding = true;
  const step = (now) => {
    const t = Math.min(1, (now - start) / 1400);
    if (!state.gliding) return;
    state.divider = 0.94 - 0.44 * (1 - (1 - t) ** 3);
    draw(root, state);
    if (t < 1) requestAnimationFrame(step);
    else state.gliding = false;
  };
  requestAnimationFrame(step);
}

function accept(root, state, data) {
  const before = state.data;
  state.data = data;
  state.geometry = geometryOf(data);
  state.beforePicture = paintBefore(data);
  state.afterPicture = paintAfter(data);
  if (before && String(before.before) !== String(data.before)) {
    state.zoom = { factor: 1, x: 0.5, y: 0.5 };
    state.probe = null;
  }
  const size = ([h, w]) => `${h}×${w}`;
  const [left, right] = root.querySelectorAll(".tag");
  left.textContent = `${data.names[0]} ${size(data.before)}`;
  right.textContent = `${data.names[1]} ${size(data.after)}`;
  root.querySelectorAll("canvas").forEach((canvas) => canvas.setAttribute("aria-label", `${data.alt} ${KEYS_HELP}`));
  legend(root.querySelector(".legend"), data.scale);
  draw(root, state);
}

function legend(element, { kind, bound }) {
  const stops = DATA_SCALE.map(([stop, colour]) => `${colour} ${100 * stop}%`).join(", ");
  const bar = {
    signed: [`−${short(bound, 3)}`, `linear-gradient(to right, ${stops})`, `+${short(bound, 3)}`],
    picture: ["0", "linear-gradient(to right, #000, #fff)", short(bound, 3)],
    angle: ["0°", "linear-gradient(to right, #f00, #ff0, #0f0, #0ff, #00f, #f0f, #f00)", "360°"],
  }[kind];
  element.innerHTML = `<span>${bar[0]}</span><i style="background:${bar[1]}"></i><span>${bar[2]}</span>`;
}

/* What was chosen; until then small pictures, whose cells one reads, stand side by side. */
function modeOf(state) {
  return state.mode || (Math.max(...state.data.before.slice(0, 2)) <= SMALL ? "side" : "split");
}

function draw(root, state) {
  const stage = root.querySelector(".stage");
  const total = stage.clientWidth;
  if (!state.data || !total) return;
  const style = getComputedStyle(root);
  state.colours = { empty: style.getPropertyValue("--st-secondary-background-color") || "#eee" };
  const side = modeOf(state) === "side";
  const stacked = side && total < 520;
  root.dataset.mode = modeOf(state);
  root.querySelectorAll("button[data-mode]").forEach((button) => {
    button.setAttribute("aria-pressed", String(button.dataset.mode === modeOf(state)));
  });
  root.dataset.stacked = stacked;
  const width = side && !stacked ? (total - 8) / 2 : total;
  const { x, y } = state.geometry;
  const height = clamp((width * (y.high - y.low)) / (x.high - x.low), 120, 560);
  const panes = root.querySelectorAll(".pane");
  panes.forEach((pane) => {
    const what = side ? pane.dataset.what : "both";
    pane.hidden = !side && pane.dataset.what === "after";
    if (pane.hidden) return;
    const context = sharpContext(pane.querySelector("canvas"), width, height);
    state.camera = drawFrame(context, state, what, width, height, state.divider * width);
  });
  placeDivider(root, state, side);
  readout(root, state);
  keep(root, state);
}

function placeDivider(root, state, side) {
  const divider = root.querySelector(".divider");
  divider.hidden = side;
  divider.style.left = `${100 * state.divider}%`;
  divider.setAttribute("aria-valuenow", Math.round(100 * state.divider));
  const [left, right] = root.querySelectorAll(".tag");
  const home = root.querySelectorAll(".pane")[side ? 1 : 0];
  if (right.parentElement !== home) home.appendChild(right);
  left.style.opacity = !side && state.divider < 0.18 ? 0 : 1;
  right.style.opacity = !side && state.divider > 0.82 ? 0 : 1;
}

function readout(root, state) {
  const line = root.querySelector(".readout");
  if (!state.probe) {
    if (line.textContent !== HINT) line.textContent = HINT;
    return;
  }
  const { row, column, input } = state.probe;
  const list = (values) => values.map((value) => short(value)).join("  ");
  const parts = [];
  const below = input && beforeAt(state.data, input.row, input.column);
  if (below) parts.push(`${state.data.names[0]} (${input.row}, ${input.column}): <b>${list(below)}</b>`);
  const above = afterAt(state.data, row, column);
  if (above) {
    const angle = state.data.scale.kind === "angle";
    const text = angle ? `${short(above[0])}°, magnitude ${short(above[1])}` : list(above);
    parts.push(`${state.data.names[1]} (${row}, ${column}): <b>${text}</b>`);
  }
  line.innerHTML = parts.join('<span class="gap"></span>') || "Outside the image";
}

function probeAt(state, point) {
  const cell = cellAt(state.geometry, point);
  const [rows, columns] = state.data.after;
  const inside = cell.row >= 0 && cell.column >= 0 && cell.row < rows && cell.column < columns;
  const input = { row: Math.floor(point.y), column: Math.floor(point.x) };
  return inside || beforeAt(state.data, input.row, input.column) ? { ...cell, input } : null;
}

function zoomBy(root, state, factor, at) {
  const next = clamp(state.zoom.factor * factor, 1, 64);
  const focus = at || (state.probe && centreOf(state, state.probe));
  const { x, y } = state.geometry;
  const share = focus
    ? { x: (focus.x - x.low) / (x.high - x.low), y: (focus.y - y.low) / (y.high - y.low) }
    : state.camera.share;
  state.zoom = next === 1 ? { factor: 1, x: 0.5, y: 0.5 } : { factor: next, ...share };
  draw(root, state);
}

function centreOf(state, { row, column }) {
  const { x, y, stride } = state.geometry;
  return { x: x.first + (column + 0.5) * stride, y: y.first + (row + 0.5) * stride };
}

function listen(root, state) {
  root.querySelectorAll("[data-mode]").forEach((button) => button.addEventListener("click", () => {
    state.mode = button.dataset.mode;
    draw(root, state);
  }));
  root.querySelectorAll("[data-zoom]").forEach((button) => button.addEventListener("click", () => {
    const factor = { in: 1.6, out: 1 / 1.6, fit: 0 }[button.dataset.zoom];
    zoomBy(root, state, factor);
  }));
  root.querySelectorAll("canvas").forEach((canvas) => listenCanvas(root, state, canvas));
  listenDivider(root, state);
}

function listenCanvas(root, state, canvas) {
  const point = (event) => {
    const box = canvas.getBoundingClientRect();
    return state.camera.toWorld(event.clientX - box.left, event.clientY - box.top);
  };
  let from = null;
  canvas.addEventListener("pointerdown", (event) => {
    state.gliding = false;
    from = { x: event.clientX, y: event.clientY, share: state.camera.share };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (from && state.zoom.factor > 1) {
      const { x, y } = state.geometry;
      const move = (now, then, axis) => (now - then) / state.camera.scale / (axis.high - axis.low);
      state.zoom.x = from.share.x - move(event.clientX, from.x, x);
      state.zoom.y = from.share.y - move(event.clientY, from.y, y);
    } else if (from && modeOf(state) === "split") {
      state.divider = clamp(shareOf(event, canvas)[1], 0, 1);
    }
    state.probe = probeAt(state, point(event));
    draw(root, state);
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (from = null));
  for (const end of ["pointerleave", "blur"]) canvas.addEventListener(end, () => { state.probe = null; draw(root, state); });
  canvas.addEventListener("dblclick", (event) => zoomBy(root, state, 2, point(event)));
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return; // plain scrolling belongs to the page
    event.preventDefault();
    zoomBy(root, state, Math.exp(-event.deltaY / 200), point(event));
  }, { passive: false });
  onArrows(canvas, (down, right) => walk(root, state, down, right));
  canvas.addEventListener("keydown", (event) => {
    const factor = { "+": 1.6, "=": 1.6, "-": 1 / 1.6, 0: 0 }[event.key];
    if (factor === undefined) return;
    event.preventDefault();
    zoomBy(root, state, factor);
  });
}

/* Arrow keys walk from output cell to output cell. */
function walk(root, state, down, right) {
  const [rows, columns] = state.data.after;
  const now = state.probe || { row: Math.floor(rows / 2), column: Math.floor(columns / 2) };
  const cell = { row: clamp(now.row + down, 0, rows - 1), column: clamp(now.column + right, 0, columns - 1) };
  const centre = centreOf(state, cell);
  state.probe = { ...cell, input: { row: Math.floor(centre.y), column: Math.floor(centre.x) } };
  if (state.zoom.factor > 1) zoomBy(root, state, 1, centre);
  draw(root, state);
}

function listenDivider(root, state) {
  const divider = root.querySelector(".divider");
  const to = (share) => {
    state.gliding = false;
    state.divider = clamp(share, 0, 1);
    draw(root, state);
  };
  let held = false;
  divider.addEventListener("pointerdown", (event) => {
    held = true;
    divider.setPointerCapture(event.pointerId);
    event.preventDefault();
    divider.focus();
  });
  divider.addEventListener("pointermove", (event) => {
    if (held) to(shareOf(event, root.querySelector(".stage"))[1]);
  });
  for (const end of ["pointerup", "pointercancel"]) divider.addEventListener(end, () => (held = false));
  divider.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: -0.02, ArrowDown: -0.02, ArrowRight: 0.02, ArrowUp: 0.02 };
    const move = { ...steps, PageDown: -0.1, PageUp: 0.1, Home: -1, End: 1 }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    to(state.divider + move);
  });
}
