/* Optimizers' paths on a surface. State lives on the root element, so that a change of data keeps the moment shown. */
import { decodeHeights, drawTerrain } from "./terrain.js";

const SVG = "http://www.w3.org/2000/svg";
const LASTS_MS = 6000;
const RESTS_MS = 1500;
const SENDS_MS = 120; // between two starts told to the server while one drags
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export default function ({ data, parentElement, setStateValue }) {
  const state = parentElement.querySelector(".landscape")?.__state ?? furnish(parentElement);
  const fresh = !state.data;
  state.tell = (start) => setStateValue("start", [...start, Date.now()]); // never equal to the last, so always heard
  state.last = Math.max(1, ...data.tracks.map((track) => track.points.length - 1));
  if (fresh) {
    state.playing = !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    state.step = state.playing ? 0 : state.last;
  } else if (state.playing) {
    [state.step, state.rested] = [state.last, 0]; // other paths are shown whole at once, then replayed
  }
  state.step = Math.min(state.step, state.last);
  const terrain = data.heights !== state.data?.heights;
  const answered = String(data.start) !== String(state.data?.start); // a redraw in between still has the old one
  state.data = data;
  if (fresh || (answered && !state.holding && !state.sending)) state.start = data.start;
  if (terrain || fresh) paint(state);
  lay(state);
  show(state);
  if (state.playing && !state.frame) run(state);
  return () => {
    cancelAnimationFrame(state.frame);
    state.frame = 0;
  };
}

function furnish(parent) {
  const root = document.createElement("div");
  root.className = "landscape";
  root.innerHTML =
    '<div class="view" tabindex="0" role="application" aria-label="The surface from above. Click, or press arrow keys, ' +
    'to move the place where all paths start."><canvas></canvas><svg role="img"></svg><div class="place" role="status"></div></div>' +
    '<div class="bar"><button type="button"></button><input type="range" min="0" step="1" aria-label="Step">' +
    "<output></output></div><table></table>";
  parent.appendChild(root);
  const find = (name) => root.querySelector(name);
  const state = { root, view: find(".view"), canvas: find("canvas"), svg: find("svg"), place: find(".place") };
  Object.assign(state, { button: find("button"), slider: find("input"), output: find("output"), table: find("table") });
  state.frame = 0;
  root.__state = state;
  wire(state);
  new ResizeObserver(() => {
    if (state.data && Math.abs(state.view.clientWidth - state.width) > 2) {
      paint(state);
      lay(state);
      show(state);
    }
  }).observe(state.view);
  return state;
}

function wire(state) {
  const { view, button, slider } = state;
  const pointed = (event) => {
    const box = view.getBoundingClientRect();
    const { x, y } = state.data.frame;
    move(state, [
      x[0] + ((event.clientX - box.left) / box.width) * (x[1] - x[0]),
      y[1] - ((event.clientY - box.top) / box.height) * (y[1] - y[0]),
    ]);
  };
  view.addEventListener("pointerdown", (event) => {
    state.holding = true;
    view.setPointerCapture(event.pointerId);
    pointed(event);
  });
  view.addEventListener("pointermove", (event) => state.holding && pointed(event));
  for (const end of ["pointerup", "pointercancel"]) view.addEventListener(end, () => (state.holding = false));
  view.addEventListener("keydown", (event) => {
    const way = KEYS[event.key];
    if (!way) return;
    event.preventDefault();
    const { x, y } = state.data.frame;
    move(state, [state.start[0] + (way[0] * (x[1] - x[0])) / 60, state.start[1] + (way[1] * (y[1] - y[0])) / 60]);
  });
  button.addEventListener("click", () => {
    state.playing = !state.playing;
    if (state.playing && state.step >= state.last) state.step = 0;
    if (state.playing) run(state);
    show(state);
  });
  slider.addEventListener("input", () => {
    state.playing = false;
    state.step = Number(slider.value);
    show(state);
  });
}

/* The start follows the pointer at once; the server hears of it a few times a second and of the last for certain. */
function move(state, wanted) {
  const { x, y } = state.data.frame;
  const inside = (v, [low, high]) => Math.round(Math.min(Math.max(v, low), high) * 100) / 100;
  state.start = [inside(wanted[0], x), inside(wanted[1], y)];
  lay(state);
  show(state);
  if (state.sending) return;
  state.sending = setTimeout(() => {
    state.sending = 0;
    state.tell(state.start);
  }, SENDS_MS);
}

function paint(state) {
  const { canvas, view, data } = state;
  state.width = view.clientWidth;
  const sharp = Math.min(window.devicePixelRatio || 1, 2);
  canvas.width = Math.max(64, Math.round(view.clientWidth * sharp));
  canvas.height = Math.max(48, Math.round(view.clientHeight * sharp));
  drawTerrain(canvas, decodeHeights(data), data.rows, data.columns);
}

function node(name, attributes, parent) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent.appendChild(made);
  return made;
}

/* Everything that stays while the dots move. */
function lay(state) {
  const { svg, data, view } = state;
  const [width, height] = [view.clientWidth, view.clientHeight];
  const { x, y, minima } = data.frame;
  const px = (v) => ((v - x[0]) / (x[1] - x[0])) * width;
  const py = (v) => ((y[1] - v) / (y[1] - y[0])) * height;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("aria-label", data.tracks.map((track) => `${track.name}: ${track.words}.`).join(" "));
  svg.replaceChildren();
  for (const [a, b] of minima) {
    node("path", { d: `M${px(a) - 7} ${py(b)}h14M${px(a)} ${py(b) - 7}v14`, class: "lowest" }, svg);
  }
  state.drawn = data.tracks.map((track) => {
    const places = track.points.map(([a, b]) => [px(a), py(b)]);
    const text = places.map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`);
    const look = { stroke: track.colour, "stroke-dasharray": track.dash };
    node("polyline", { points: text.join(" "), class: "whole", ...look }, svg);
    return { track, places, text, trail: node("polyline", { class: "trail", ...look }, svg) };
  });
  node("circle", { cx: px(state.start[0]), cy: py(state.start[1]), r: 8, class: "start" }, svg);
  for (const one of state.drawn) one.dot = node("circle", { r: 5.5, fill: one.track.colour, class: "dot" }, svg);
  state.place.textContent = `start (${state.start.map((v) => said(v)).join(", ")})`;
  tabulate(state);
}

function said(value) {
  if (value === undefined || value === null) return "";
  return String(Number(value.toPrecision(4))).replace("-", "−");
}

function tabulate(state) {
  state.table.replaceChildren();
  const row = state.table.insertRow();
  for (const words of ["", "f there", "in the end"]) {
    const cell = document.createElement("th");
    cell.textContent = words;
    row.appendChild(cell);
  }
  for (const one of state.drawn) {
    const line = state.table.insertRow();
    const name = line.insertCell();
    const swatch = document.createElement("span");
    swatch.className = "swatch";
    swatch.style.background = one.track.colour;
    name.append(swatch, one.track.name);
    one.cell = line.insertCell();
    const end = line.insertCell();
    end.textContent = one.track.words;
    end.className = one.track.lost ? "lost" : "";
  }
}

/* The moment `state.step`, which may lie between two steps. */
function show(state) {
  const whole = Math.floor(state.step);
  for (const one of state.drawn) {
    const last = one.places.length - 1;
    const at = Math.min(whole, last);
    const part = at < last ? state.step - whole : 0;
    const [a, b] = [one.places[at], one.places[Math.min(at + 1, last)]];
    one.dot.setAttribute("cx", (a[0] + (b[0] - a[0]) * part).toFixed(1));
    one.dot.setAttribute("cy", (a[1] + (b[1] - a[1]) * part).toFixed(1));
    one.trail.setAttribute("points", one.text.slice(0, at + 1).join(" "));
    one.cell.textContent = said(one.track.heights[at]);
  }
  state.slider.max = state.last;
  state.slider.value = whole;
  state.output.textContent = `step ${whole} of ${state.last}`;
  state.button.textContent = state.playing ? "❚❚ Pause" : "▶ Play";
}

function run(state) {
  let before = performance.now();
  state.rested = 0;
  const tick = (now) => {
    const passed = Math.min(Math.max(now - before, 0), 100); // a frame's time may lie before the call that asked for it
    before = now;
    if (!state.playing || !state.root.isConnected) {
      state.frame = 0;
      return;
    }
    const shown = state.step;
    if (state.step < state.last) state.step = Math.min(state.last, state.step + (passed / LASTS_MS) * state.last);
    else if ((state.rested += passed) > RESTS_MS) [state.step, state.rested] = [0, 0];
    if (state.step !== shown) show(state);
    state.frame = requestAnimationFrame(tick);
  };
  cancelAnimationFrame(state.frame);
  state.frame = requestAnimationFrame(tick);
}
