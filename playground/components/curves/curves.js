/* Curves over a shared x, which to the keyboard and to a screen reader are a slider along it. State lives on the root element, so that a change of data keeps the x pointed at. */
import { keepInAddress, linkedNumber, linkedParts } from "../shared/address.js";
import { make, makeSvg, setAll } from "../shared/dom.js";
import { CELLS, clamp, stepOf } from "../shared/pointing.js";
import { brief, logTicks, ticks, written } from "./numbers.js";

const MARGIN = { left: 44, right: 12, top: 28, bottom: 30 };
const [HEIGHT, LOW] = [270, 200]; // of a panel, and of one of several that stand one under the other
const STRIPS = 60; // height of all strips under the curves, at most, and of one
const STRIP = 5;
const UPWARDS = { ArrowUp: [0, 1], ArrowDown: [0, -1], PageUp: [0, 10], PageDown: [0, -10] };

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

function drawPanel(x, panel, width, height, number) {
  const inner = { width: width - MARGIN.left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom };
  const marked = panel.lines.filter((line) => line.marks.length);
  const strip = Math.min(STRIP, STRIPS / marked.length);
  let [low, high] = bounds(panel);
  low -= ((high - low) * strip * marked.length) / (inner.height - strip * marked.length) || 0;
  const px = (v) => MARGIN.left + ((v - x[0]) / (x[x.length - 1] - x[0])) * inner.width;
  const py = (v) => MARGIN.top + (1 - (v - low) / (high - low)) * inner.height;
  const svg = makeSvg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": panel.title });
  makeSvg("text", { x: MARGIN.left, y: 16, class: "title" }, svg, panel.title);
  for (const [from, to] of panel.shade) {
    makeSvg("rect", { x: px(from), width: Math.max(px(to) - px(from), 1), y: MARGIN.top, height: inner.height, class: "shade" }, svg);
  }
  for (const tick of ticks(x[0], x[x.length - 1], 6)) {
    makeSvg("line", { x1: px(tick), x2: px(tick), y1: MARGIN.top, y2: MARGIN.top + inner.height, class: tick === 0 ? "axis" : "rule" }, svg);
    makeSvg("text", { x: px(tick), y: height - 12, class: "tick", "text-anchor": "middle" }, svg, brief(tick));
  }
  for (const tick of panel.log ? logTicks(low, high, 5) : ticks(low, high, 5)) {
    const rule = tick === 0 && !panel.log ? "axis" : "rule";
    makeSvg("line", { x1: MARGIN.left, x2: width - MARGIN.right, y1: py(tick), y2: py(tick), class: rule }, svg);
    const words = brief(panel.log ? 10 ** tick : tick);
    makeSvg("text", { x: MARGIN.left - 6, y: py(tick) + 4, class: "tick", "text-anchor": "end" }, svg, words);
  }
  const clip = `clip-${number}`;
  makeSvg("rect", { x: MARGIN.left, y: MARGIN.top, width: inner.width, height: inner.height },
    makeSvg("clipPath", { id: clip }, makeSvg("defs", {}, svg)));
  const plot = makeSvg("g", { "clip-path": `url(#${clip})` }, svg);
  for (const band of panel.bands) {
    makeSvg("path", { d: area(x, band.low, band.high, px, py), fill: band.colour, class: "band" }, plot);
  }
  marked.forEach((line, i) => {
    const y = MARGIN.top + inner.height - strip * (marked.length - i);
    for (const [from, to] of line.marks) {
      makeSvg("rect", { x: px(from), width: Math.max(px(to) - px(from), 1), y, height: strip * 0.8, fill: line.colour }, plot);
    }
  });
  for (const line of panel.lines) {
    let path = "", pen = "M";
    line.y.forEach((v, i) => {
      if (v === null) { pen = "M"; return; }
      path += `${pen}${px(x[i]).toFixed(1)} ${py(v).toFixed(1)}`;
      pen = "L";
    });
    makeSvg("path", { d: path, stroke: line.colour, "stroke-dasharray": line.dash, class: "line" }, plot);
  }
  const cursor = makeSvg("line", { y1: MARGIN.top, y2: MARGIN.top + inner.height, class: "cursor" }, svg);
  const dots = panel.lines.map((line) => makeSvg("circle", { r: 4.5, fill: line.colour, class: "dot" }, svg));
  return { svg, px, py, cursor, dots, panel, inner, low, high };
}

/* A short piece of the line itself: colour and dashes. */
function swatch({ colour, dash }) {
  const svg = makeSvg("svg", { width: 24, height: 8, class: "swatch", "aria-hidden": "true" });
  makeSvg("line", { x1: 0, x2: 24, y1: 4, y2: 4, stroke: colour, "stroke-width": 3, "stroke-dasharray": dash }, svg);
  return svg;
}

function drawCursor(root) {
  const { data, index, drawn } = root;
  const x = data.x[index];
  for (const { px, py, cursor, panel, low, high, dots } of drawn) {
    setAll(cursor, { x1: px(x), x2: px(x) });
    panel.lines.forEach((line, i) => {
      const y = line.y[index];
      const seen = y !== null && y >= low && y <= high;
      dots[i].style.display = seen ? "" : "none";
      if (seen) setAll(dots[i], { cx: px(x), cy: py(y) });
    });
  }
  const at = `${data.xName} = ${written(x)}`;
  const rows = readings(data, index);
  root.querySelector(".readout").replaceChildren(make("div", "at", at), tabulated(data.panels, rows));
  const words = rows.map(({ name, values }) => `${name} ${values.filter(Boolean).join(", ")}`);
  setAll(root.querySelector(".stage"), { "aria-valuenow": x, "aria-valuetext": [at, ...words].join("; ") });
}

/* Every curve by name, with how it looks and its value in each panel; empty in a panel without it. */
function readings({ panels }, index) {
  const looks = new Map(panels.flatMap((panel) => panel.lines).map((line) => [line.name, line]));
  return [...looks].map(([name, look]) => {
    const lines = panels.map(({ lines, log }) => [lines.find((line) => line.name === name), log]);
    return { name, look, values: lines.map(([line, log]) => (line ? written(line.y[index], log) : "")) };
  });
}

function tabulated(panels, rows) {
  const table = make("table");
  table.insertRow().append(make("td"), ...panels.map((panel) => make("th", "", panel.title)));
  for (const { name, look, values } of rows) {
    const first = Object.assign(make("th"), { scope: "row" });
    first.append(swatch(look), name);
    table.insertRow().append(first, ...values.map((words) => make("td", "", words)));
  }
  return table;
}

function draw(root) {
  const { data } = root;
  const stage = root.querySelector(".stage");
  const total = Math.max(stage.clientWidth, 260);
  const columns = total >= 560 ? data.panels.length : 1;
  const width = Math.floor((total - 16 * (columns - 1)) / columns);
  root.width = total;
  const height = columns < data.panels.length ? LOW : HEIGHT;
  root.drawn = data.panels.map((panel, number) => drawPanel(data.x, panel, width, height, number));
  for (const { svg, inner } of root.drawn) {
    svg.addEventListener("pointermove", (event) => {
      const share = (event.clientX - svg.getBoundingClientRect().left - MARGIN.left) / inner.width;
      move(root, Math.round(share * (data.x.length - 1)));
    });
  }
  stage.replaceChildren(...root.drawn.map(({ svg }) => svg));
  setAll(stage, {
    "aria-label": `${data.panels.map((panel) => panel.title).join(", ")}: values at each ${data.xName}`,
    "aria-valuemin": data.x[0], "aria-valuemax": data.x.at(-1),
  });
  drawCursor(root);
}

function move(root, wanted) {
  const index = clamp(wanted, 0, root.data.x.length - 1);
  if (index === root.index) return;
  Object.assign(root, { index, touched: true });
  keepInAddress(root.data.link, root, [Number(root.data.x[index].toPrecision(6))]);
  drawCursor(root);
}

function nearest(x, target) {
  return x.reduce((best, v, i) => (Math.abs(v - target) < Math.abs(x[best] - target) ? i : best), 0);
}

function begin(root) {
  const stage = root.querySelector(".stage");
  stage.addEventListener("keydown", (event) => {
    const step = stepOf(event, { ...CELLS, ...UPWARDS });
    if (!step) return;
    event.preventDefault();
    move(root, root.index + step[1]);
  });
  new ResizeObserver(() => Math.abs(stage.clientWidth - root.width) > 2 && draw(root)).observe(stage);
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".curves");
  const text = JSON.stringify(data);
  if (text === root.text) return;
  if (!root.text) begin(root);
  if (!root.text) root.linked = linkedNumber(linkedParts(data.link)[0], -1e9, 1e9, null);
  const pointed = root.touched ? root.data.x[root.index] : root.linked;  // untouched, it follows the data
  const index = nearest(data.x, pointed ?? data.start ?? data.x[Math.floor(data.x.length * 0.6)]);
  Object.assign(root, { text, data, index });
  draw(root);
}
