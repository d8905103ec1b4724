/* Tracks, dots and the table under them: made once for the optimizers shown, then moved. */
const SVG = "http://www.w3.org/2000/svg";

function node(name, attributes, parent) {
  const made = document.createElementNS(SVG, name);
  set(made, attributes);
  parent.appendChild(made);
  return made;
}

/* Only what differs is set: an attribute that is set is laid out and painted again. */
function set(element, attributes) {
  for (const [key, value] of Object.entries(attributes)) {
    if (element.getAttribute(key) !== String(value)) element.setAttribute(key, value);
  }
}

/* Everything that stays while the dots move. Its elements are kept as long as the same optimizers are shown. */
export function lay(state) {
  const { svg, data, view } = state;
  const [width, height] = [view.clientWidth, view.clientHeight];
  const { x, y, minima } = data.frame;
  const px = (v) => ((v - x[0]) / (x[1] - x[0])) * width;
  const py = (v) => ((y[1] - v) / (y[1] - y[0])) * height;
  const shown = JSON.stringify([minima.length, data.tracks.map((track) => [track.name, track.colour, track.dash])]);
  if (shown !== state.shown) makeTracks(state, shown);
  set(svg, { viewBox: `0 0 ${width} ${height}` });
  set(svg, { "aria-label": data.tracks.map((track) => `${track.name}: ${track.outcome}.`).join(" ") });
  minima.forEach(([a, b], number) => {
    set(state.crosses[number], { d: `M${px(a) - 7} ${py(b)}h14M${px(a)} ${py(b) - 7}v14` });
  });
  state.drawn.forEach((one, number) => {
    one.track = data.tracks[number];
    one.points = one.track.points.map(([a, b]) => [px(a), py(b)]);
    one.text = one.points.map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`);
    set(one.whole, { points: one.text.join(" ") });
    write(one.end, one.track.outcome);
    one.end.className = one.track.lost ? "lost" : "";
  });
  set(state.circle, { cx: px(state.start[0]), cy: py(state.start[1]) });
  write(state.position, `Start (${state.start.map((v) => shortNumber(v)).join(", ")})`);
}

function makeTracks(state, shown) {
  const { svg, data } = state;
  state.shown = shown;
  svg.replaceChildren();
  state.crosses = data.frame.minima.map(() => node("path", { class: "lowest" }, svg));
  state.drawn = data.tracks.map((track) => {
    const look = { stroke: track.colour, "stroke-dasharray": track.dash };
    const whole = node("polyline", { class: "whole", ...look }, svg);
    return { track, whole, trail: node("polyline", { class: "trail", ...look }, svg) };
  });
  state.circle = node("circle", { r: 8, class: "start" }, svg);
  for (const one of state.drawn) one.dot = node("circle", { r: 5.5, fill: one.track.colour, class: "dot" }, svg);
  tabulate(state);
}

function write(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

function shortNumber(value) {
  if (value === undefined || value === null) return "";
  return String(Number(value.toPrecision(4))).replace("-", "−");
}

function tabulate(state) {
  state.table.replaceChildren();
  const row = state.table.insertRow();
  for (const words of ["", "Loss", "Outcome"]) {
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
    set(one.dot, { cx: cx.toFixed(1), cy: cy.toFixed(1) });
    set(one.trail, { points: one.text.slice(0, at + 1).join(" ") });
    write(one.cell, shortNumber(one.track.heights[at]));
  }
  state.slider.max = state.last;
  state.slider.value = whole;
  write(state.output, `Step ${whole} of ${state.last}`);
  write(state.button, state.playing ? "❚❚ Pause" : "▶ Play");
}
