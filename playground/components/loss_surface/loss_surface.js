/* Optimizers' paths on a surface. State lives on the root element, so that a change of data keeps the moment shown. */
import { keepInAddress, linkedNumber, linkedParts } from "../shared/address.js";
import { unpacked } from "../shared/numbers.js";
import { clamp, onArrows, shareOf } from "../shared/pointing.js";
import { halt, run } from "./animation.js";
import { lay, show } from "./tracks.js";
import { drawContours } from "./contours.js";

const KEY = "op_at";
const SENDS_MS = 120; // between two starts sent to the server while one drags

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".loss-surface");
  const state = (root.state ??= begin(root));
  const fresh = !state.data;
  state.send = (start) => setStateValue("start", [...start, Date.now()]); // never equal to the last, so always heard
  state.last = Math.max(1, ...data.tracks.map((track) => track.points.length - 1));
  const moment = fresh ? linkedNumber(linkedParts(KEY)[0], 0, state.last, null) : null;
  if (moment !== null) {
    Object.assign(state, { playing: false, step: moment });
  } else if (fresh) {
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

function begin(root) {
  const [view, canvas, svg, position, button, slider, output, table] = root.querySelectorAll(
    ".view, canvas, svg, .position, button, input, output, table",
  );
  const state = { view, canvas, svg, position, button, slider, output, table };
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
  const keep = () => keepInAddress(KEY, view, state.playing ? [] : [Math.round(state.step)]);
  const pointed = (event) => {
    const { x, y } = state.data.frame;
    const [down, right] = shareOf(event, view);
    move(state, [x[0] + right * (x[1] - x[0]), y[1] - down * (y[1] - y[0])]);
  };
  view.addEventListener("pointerdown", (event) => {
    state.holding = true;
    view.setPointerCapture(event.pointerId);
    pointed(event);
  });
  view.addEventListener("pointermove", (event) => state.holding && pointed(event));
  for (const end of ["pointerup", "pointercancel"]) view.addEventListener(end, () => (state.holding = false));
  onArrows(view, (down, right) => {
    const { x, y } = state.data.frame;
    move(state, [state.start[0] + (right * (x[1] - x[0])) / 60, state.start[1] - (down * (y[1] - y[0])) / 60]);
  });
  button.addEventListener("click", () => {
    state.playing = !state.playing;
    if (state.playing && state.step >= state.last) state.step = 0;
    keep();
    show(state);
    run(state);
  });
  slider.addEventListener("input", () => {
    state.playing = false;
    state.step = Number(slider.value);
    keep();
    show(state);
    run(state);
  });
}

/* The start follows the pointer at once; the server hears of it a few times a second and of the last for certain. */
function move(state, wanted) {
  const { x, y } = state.data.frame;
  const inside = (v, [low, high]) => Math.round(clamp(v, low, high) * 100) / 100;
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
  drawContours(canvas, unpacked(data.heights, Uint16Array), data.rows, data.columns);
}
