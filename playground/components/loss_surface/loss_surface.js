/* Optimizers' paths on a surface. State lives on the root element, so that a change of data keeps the moment shown. */
import { halt, run } from "./animation.js";
import { lay, show } from "./tracks.js";
import { decodeHeights, drawContours } from "./contours.js";

const SENDS_MS = 120; // between two starts sent to the server while one drags
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export default function ({ data, parentElement, setStateValue }) {
  const state = parentElement.querySelector(".loss-surface")?.__state ?? furnish(parentElement);
  const fresh = !state.data;
  state.send = (start) => setStateValue("start", [...start, Date.now()]); // never equal to the last, so always heard
  state.last = Math.max(1, ...data.tracks.map((track) => track.points.length - 1));
  if (fresh) {
    state.playing = !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    state.step = state.playing ? 0 : state.last;
  } else if (state.playing) {
    state.step = state.last; // other paths are shown whole at once, then replayed
  }
  state.step = Math.min(state.step, state.last);
  const otherSurface = data.heights !== state.data?.heights;
  const isConfirmed = String(data.start) !== String(state.data?.start); // a redraw in between still has the old one
  state.data = data;
  if (fresh || (isConfirmed && !state.holding && !state.sending)) state.start = data.start;
  if (otherSurface || fresh) paint(state);
  lay(state);
  show(state);
  run(state);
  return () => halt(state);
}

function furnish(parent) {
  const root = document.createElement("div");
  root.className = "loss-surface";
  root.innerHTML =
    '<div class="view" tabindex="0" role="application" aria-label="The loss surface from above. Click or press arrow keys ' +
    'to change the starting point of all paths."><canvas></canvas><svg role="img"></svg><div class="position" role="status"></div></div>' +
    '<div class="bar"><button type="button"></button><input type="range" min="0" step="1" aria-label="Step">' +
    "<output></output></div><table></table>";
  parent.appendChild(root);
  const find = (name) => root.querySelector(name);
  const state = { root, view: find(".view"), canvas: find("canvas"), svg: find("svg"), position: find(".position") };
  Object.assign(state, { button: find("button"), slider: find("input"), output: find("output"), table: find("table") });
  root.__state = state;
  wire(state);
  new ResizeObserver(() => {
    if (state.data && Math.abs(state.view.clientWidth - state.width) > 2) {
      paint(state);
      lay(state);
      show(state);
    }
  }).observe(state.view);
  new IntersectionObserver(([entry]) => {
    state.seen = entry.isIntersecting;
    if (state.data) run(state);
  }).observe(root);
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
    show(state);
    run(state);
  });
  slider.addEventListener("input", () => {
    state.playing = false;
    state.step = Number(slider.value);
    show(state);
    run(state);
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
    state.send(state.start);
  }, SENDS_MS);
}

function paint(state) {
  const { canvas, view, data } = state;
  state.width = view.clientWidth;
  const sharp = Math.min(window.devicePixelRatio || 1, 2);
  canvas.width = Math.max(64, Math.round(view.clientWidth * sharp));
  canvas.height = Math.max(48, Math.round(view.clientHeight * sharp));
  drawContours(canvas, decodeHeights(data), data.rows, data.columns);
}
