/* Curves over a shared x. State lives on the root element, so that a change of data keeps the x pointed at. */
import { brief, logTicks, ticks, written } from "./numbers.js";

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = { left: 44, right: 12, top: 28, bottom: 30 };
const HEIGHT = 270;
const STRIPS = 60; // height of all strips under the curves, at most, and of one
const STRIP = 5;

function make(name, attributes, parent) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (parent) parent.appendChild(node);
  return node;
}

function bounds(panel) {
  const edges = panel.bands.flatMap((band) => [...band.low, ...band.high]);
  const values = [...panel.lines.flatMap((line) => line.y), ...edges].filter((v) => v !== null);
  let low = panel.low ?? Math.min(...values);
  let high = panel.high ?? Math.max(...values);
  if (!Number.isFinite(low) || !Number.isFinite(high)) [low, high] = [0, 1];
  if (low === high) [low, high] = [low - 1, high + 1];
  const room = (high - low) * 0.05;
  return [panel.low ?? low - room, panel.high ?? high + room];
}

/* One shape over x, from the first curve there and from the second back; a gap in either parts it. */
function area(x, low, high, px, py) {
  const runs = [[]];
  low.forEach((v, i) => (v === null || high[i] === null ? runs.push([]) : runs.at(-1).push(i)));
  const at = (y) => (i) => `${px(x[i]).toFixed(1)} ${py(y[i]).toFixed(1)}`;
  return runs
    .filter((run) => run.length > 1)
    .map((run) => `M${run.map(at(low)).join("L")}L${run.toReversed().map(at(high)).join("L")}Z`)
    .join("");
}

function drawPanel(state, panel, width, number) {
  const { x } = state.data;
  const inner = { width: width - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };
  const marked = panel.lines.filter((line) => line.marks.length);
  const strip = Math.min(STRIP, STRIPS / marked.length);
  let [low, high] = bounds(panel);
  low -= ((high - low) * strip * marked.length) / (inner.height - strip * marked.length) || 0;
  const px = (v) => MARGIN.left + ((v - x[0]) / (x[x.length - 1] - x[0])) * inner.width;
  const py = (v) => MARGIN.top + (1 - (v - low) / (high - low)) * inner.height;
  const svg = make("svg", { width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": panel.title });
  make("text", { x: MARGIN.left, y: 16, class: "title" }, svg).textContent = panel.title;
  for (const [from, to] of panel.shade) {
    make("rect", { x: px(from), width: Math.max(px(to) - px(from), 1), y: MARGIN.top, height: inner.height, class: "shade" }, svg);
  }
  for (const tick of ticks(x[0], x[x.length - 1], 6)) {
    make("line", { x1: px(tick), x2: px(tick), y1: MARGIN.top, y2: MARGIN.top + inner.height, class: tick === 0 ? "axis" : "rule" }, svg);
    make("text", { x: px(tick), y: HEIGHT - 12, class: "tick", "text-anchor": "middle" }, svg).textContent = brief(tick);
  }
  for (const tick of panel.log ? logTicks(low, high, 5) : ticks(low, high, 5)) {
    const rule = tick === 0 && !panel.log ? "axis" : "rule";
    make("line", { x1: MARGIN.left, x2: width - MARGIN.right, y1: py(tick), y2: py(tick), class: rule }, svg);
    make("text", { x: MARGIN.left - 6, y: py(tick) + 4, class: "tick", "text-anchor": "end" }, svg).textContent =
      brief(panel.log ? 10 ** tick : tick);
  }
  const clip = `clip-${number}`;
  make("rect", { x: MARGIN.left, y: MARGIN.top, width: inner.width, height: inner.height },
    make("clipPath", { id: clip }, make("defs", {}, svg)));
  const plot = make("g", { "clip-path": `url(#${clip})` }, svg);
  for (const band of panel.bands) {
    make("path", { d: area(x, band.low, band.high, px, py), fill: band.colour, class: "band" }, plot);
  }
  marked.forEach((line, i) => {
    const y = MARGIN.top + inner.height - strip * (marked.length - i);
    for (const [from, to] of line.marks) {
      make("rect", { x: px(from), width: Math.max(px(to) - px(from), 1), y, height: strip * 0.8, fill: line.colour }, plot);
    }
  });
  for (const line of panel.lines) {
    let path = "", pen = "M";
    line.y.forEach((v, i) => {
      if (v === null) { pen = "M"; return; }
      path += `${pen}${px(x[i]).toFixed(1)} ${py(v).toFixed(1)}`;
      pen = "L";
    });
    make("path", { d: path, stroke: line.colour, "stroke-dasharray": line.dash, class: "line" }, plot);
  }
  const cursor = make("line", { y1: MARGIN.top, y2: MARGIN.top + inner.height, class: "cursor" }, svg);
  const dots = panel.lines.map((line) => make("circle", { r: 4.5, fill: line.colour, class: "dot" }, svg));
  return { svg, px, py, cursor, dots, panel, inner, low, high };
}

/* A short piece of the line itself: colour and dashes. */
function swatch({ colour, dash }) {
  const svg = make("svg", { width: 24, height: 8, class: "swatch", "aria-hidden": "true" });
  make("line", { x1: 0, x2: 24, y1: 4, y2: 4, stroke: colour, "stroke-width": 3, "stroke-dasharray": dash }, svg);
  return svg;
}

function drawCursor(state) {
  const { data, index, drawn, readout } = state;
  const x = data.x[index];
  for (const part of drawn) {
    part.cursor.setAttribute("x1", part.px(x));
    part.cursor.setAttribute("x2", part.px(x));
    part.panel.lines.forEach((line, i) => {
      const y = line.y[index];
      const seen = y !== null && y >= part.low && y <= part.high;
      part.dots[i].style.display = seen ? "" : "none";
      if (seen) {
        part.dots[i].setAttribute("cx", part.px(x));
        part.dots[i].setAttribute("cy", part.py(y));
      }
    });
  }
  readout.replaceChildren();
  const head = document.createElement("div");
  head.className = "at";
  head.textContent = `${data.xName} = ${written(x)}`;
  readout.appendChild(head);
  const table = document.createElement("table");
  const looks = new Map(data.panels.flatMap((p) => p.lines).map((l) => [l.name, l]));
  const row = (cells, tag) => {
    const tr = document.createElement("tr");
    for (const cell of cells) {
      const td = document.createElement(tag);
      if (cell.look) td.appendChild(swatch(cell.look));
      td.append(cell.words);
      tr.appendChild(td);
    }
    table.appendChild(tr);
  };
  row([{ words: "" }, ...data.panels.map((p) => ({ words: p.title }))], "th");
  for (const [name, look] of looks) {
    const values = data.panels.map((p) => [p.lines.find((l) => l.name === name), p.log]);
    row([{ words: name, look }, ...values.map(([l, log]) => ({ words: l ? written(l.y[index], log) : "" }))], "td");
  }
  readout.appendChild(table);
}

function draw(state) {
  const { data, stage } = state;
  const total = Math.max(stage.clientWidth, 260);
  const columns = total >= 560 ? data.panels.length : 1;
  const width = Math.floor((total - 16 * (columns - 1)) / columns);
  stage.replaceChildren();
  state.width = total;
  state.drawn = data.panels.map((panel, number) => drawPanel(state, panel, width, number));
  for (const part of state.drawn) {
    part.svg.addEventListener("pointermove", (event) => {
      const box = part.svg.getBoundingClientRect();
      const share = (event.clientX - box.left - MARGIN.left) / part.inner.width;
      const next = Math.round(share * (data.x.length - 1));
      move(state, Math.min(Math.max(next, 0), data.x.length - 1));
    });
    stage.appendChild(part.svg);
  }
  drawCursor(state);
}

function move(state, index) {
  if (index === state.index) return;
  state.index = index;
  state.touched = true;
  drawCursor(state);
}

function nearest(x, target) {
  return x.reduce((best, v, i) => (Math.abs(v - target) < Math.abs(x[best] - target) ? i : best), 0);
}

function build(parent) {
  const root = document.createElement("div");
  root.className = "curves";
  root.tabIndex = 0;
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Chart. The left and right arrow keys move the cursor whose values are listed below.");
  const stage = document.createElement("div");
  stage.className = "stage";
  const readout = document.createElement("div");
  readout.className = "readout";
  readout.setAttribute("aria-live", "polite");
  root.append(stage, readout);
  parent.appendChild(root);
  const state = { root, stage, readout, index: null };
  root.__state = state;
  root.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10 }[event.key];
    if (!step) return;
    event.preventDefault();
    move(state, Math.min(Math.max(state.index + step, 0), state.data.x.length - 1));
  });
  state.observer = new ResizeObserver(() => {
    if (state.data && Math.abs(stage.clientWidth - state.width) > 2) draw(state);
  });
  state.observer.observe(stage);
  return state;
}

export default function ({ data, parentElement }) {
  const state = parentElement.querySelector(".curves")?.__state ?? build(parentElement);
  const text = JSON.stringify(data);
  if (text === state.text) return;
  const pointed = state.touched ? state.data.x[state.index] : null;  // untouched, it follows the data
  state.text = text;
  state.data = data;
  state.index = nearest(data.x, pointed ?? data.start ?? data.x[Math.floor(data.x.length * 0.6)]);
  draw(state);
}
