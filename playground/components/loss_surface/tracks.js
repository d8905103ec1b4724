/* Tracks, dots and the table under them: made once for the optimizers shown, then moved. */
import { make, makeSvg, setAll } from "../shared/dom.js";
import { significant } from "../shared/numbers.js";

/* Everything that stays while the dots move. Its elements are kept as long as the same optimizers are shown. */
export function lay(state) {
  const { svg, data, view } = state;
  const [width, height] = [view.clientWidth, view.clientHeight];
  const { x, y, minima } = data.frame;
  const px = (v) => ((v - x[0]) / (x[1] - x[0])) * width;
  const py = (v) => ((y[1] - v) / (y[1] - y[0])) * height;
  const shown = JSON.stringify([minima.length, data.tracks.map((track) => [track.name, track.colour, track.dash])]);
  if (shown !== state.shown) makeTracks(state, shown);
  setAll(svg, { viewBox: `0 0 ${width} ${height}` });
  minima.forEach(([a, b], number) => {
    setAll(state.crosses[number], { d: `M${px(a) - 7} ${py(b)}h14M${px(a)} ${py(b) - 7}v14` });
  });
  state.drawn.forEach((one, number) => {
    one.track = data.tracks[number];
    one.points = one.track.points.map(([a, b]) => [px(a), py(b)]);
    one.text = one.points.map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`);
    setAll(one.whole, { points: one.text.join(" ") });
    write(one.end, one.track.outcome);
    one.end.className = one.track.lost ? "lost" : "";
  });
  setAll(state.circle, { cx: px(state.start[0]), cy: py(state.start[1]) });
  write(state.position, `Start (${state.start.map((v) => significant(v, 4)).join(", ")})`);
}

function makeTracks(state, shown) {
  const { svg, data } = state;
  state.shown = shown;
  svg.replaceChildren();
  state.crosses = data.frame.minima.map(() => makeSvg("path", { class: "lowest" }, svg));
  state.drawn = data.tracks.map((track) => {
    const look = { stroke: track.colour, "stroke-dasharray": track.dash };
    const whole = makeSvg("polyline", { class: "whole", ...look }, svg);
    return { track, whole, trail: makeSvg("polyline", { class: "trail", ...look }, svg) };
  });
  state.circle = makeSvg("circle", { r: 8, class: "start" }, svg);
  for (const one of state.drawn) one.dot = makeSvg("circle", { r: 5.5, fill: one.track.colour, class: "dot" }, svg);
  tabulate(state);
}

function write(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

function tabulate(state) {
  state.table.replaceChildren();
  state.table.insertRow().append(...["Optimizer", "Loss", "Outcome"].map((words) => make("th", "", words)));
  for (const one of state.drawn) {
    const line = state.table.insertRow();
    const swatch = make("span", "swatch");
    swatch.style.background = one.track.colour;
    line.insertCell().append(swatch, one.track.name);
    one.cell = line.insertCell();
    one.end = line.insertCell();
  }
}

/* The moment `state.step`, which may lie between two steps. The trails grow by whole steps. */
export function show(state) {
  const whole = Math.floor(state.step);
  for (const one of state.drawn) {
    const last = one.points.length - 1;
    const at = Math.min(whole, last);
    const part = at < last ? state.step - whole : 0;
    const [a, b] = [one.points[at], one.points[Math.min(at + 1, last)]];
    const [cx, cy] = [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part];
    setAll(one.dot, { cx: cx.toFixed(1), cy: cy.toFixed(1) });
    setAll(one.trail, { points: one.text.slice(0, at + 1).join(" ") });
    const height = one.track.heights[at];
    write(one.cell, typeof height === "number" ? significant(height, 4) : "");
  }
  state.slider.max = state.last;
  state.slider.value = whole;
  write(state.output, `Step ${whole} of ${state.last}`);
  write(state.button, state.playing ? "❚❚ Pause" : "▶ Play");
}
