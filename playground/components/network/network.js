/* A network as blocks: hover or arrow keys read a row, a click unfolds it, buttons choose what the colour means. */

import { make, makeSvg, onTheme } from "../shared/dom.js";
import { TOUCH, clamp } from "../shared/pointing.js";
import { radioGroup } from "../shared/radio_group.js";
import { layout, sum } from "./layout.js";
import { blockColour, isDark, scaleStops } from "./colour.js";
import { drawBlocks, drawLabels, drawParts, drawSkips, paint, parts, svgHeight } from "./draw.js";

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".network");
  if (!root.state) begin(root, (root.state = { measure: data.measure }));
  const { state } = root;
  const text = JSON.stringify([data.blocks, data.skips, data.hasWaits]);
  const picked = data.blocks.findIndex((block) => block.row >= 0 && block.row === data.picked);
  const fresh = state.text !== text;
  Object.assign(state, { data, text, picked, report: setStateValue });
  if (fresh) {
    state.at = null;
    offerMeasures(root, state);
    render(root, state);
  } else {
    colour(root, state);
    look(root, state, state.at);
  }
}

function begin(root, state) {
  root.querySelector(".legend").replaceChildren(...Object.values(LEGEND).map(({ title, colour }) => {
    const entry = make("span", "entry", title);
    const swatch = make("span", "swatch");
    swatch.style.background = colour;
    entry.prepend(swatch);
    return entry;
  }));
  new ResizeObserver(() => Math.abs(root.clientWidth - state.width) > 2 && render(root, state)).observe(root);
  onTheme(() => colour(root, state));
}

function offerMeasures(root, state) {
  const names = Object.entries(MEASURES).map(([measure, { title }]) => [measure, title]);
  if (state.data.hasWaits) names.push([WAITS, "Waits for"]);
  else if (state.measure === WAITS) state.measure = names[0][0];
  state.measures?.remove();
  state.measures = radioGroup("What the colour shows", names, () => state.measure, (measure) => {
    state.measure = measure;
    root.classList.add("eased");
    colour(root, state);
    look(root, state, state.at);
    state.report("measure", measure);
  }, "measures segments");
  root.querySelector(".bar").prepend(state.measures);
}

function render(root, state) {
  const { blocks } = state.data;
  const stage = root.querySelector(".stage");
  state.width = root.clientWidth;
  root.classList.remove("eased");
  const { placed, total } = layout(blocks, root.clientWidth - 4);
  const height = svgHeight(parts(blocks).length > 0);
  const scrolled = stage.scrollLeft;
  stage.replaceChildren();
  stage.setAttribute("aria-label", `${state.data.alt} Arrow keys read layer after layer, Enter shows the derivation of one.`);
  const width = Math.max(total, 40);
  const box = { width, height, viewBox: `0 0 ${width} ${height}` }; // on paper it shrinks to the width of the sheet
  const svg = makeSvg("svg", { ...box, "aria-hidden": "true" }, stage);
  state.placed = placed;
  state.groups = drawBlocks(svg, blocks, placed, (i) => look(root, state, i), (i) => choose(root, state, i));
  drawSkips(svg, placed, state.data.skips);
  drawLabels(svg, blocks, placed, total);
  drawParts(svg, blocks, placed);
  stage.scrollLeft = scrolled;
  stage.onpointerleave = () => look(root, state, null);
  stage.onkeydown = (event) => onKey(event, root, state);
  colour(root, state);
  look(root, state, state.at);
}

function colour(root, state) {
  const { blocks, waits } = state.data;
  const dark = isDark(root);
  const { measure } = state;
  const waiting = measure === WAITS;
  const largest = waiting ? 0 : Math.max(...blocks.map((block) => block[measure]), 0);
  paint(state.groups, blocks, (block) => blockColour(block, measure, largest, waits, dark), dark);
  state.measures.update();
  root.querySelector(".scale").hidden = waiting;
  root.querySelector(".legend").hidden = !waiting;
  if (waiting) return;
  root.querySelector(".most").textContent = quantity(largest, measure);
  root.querySelector(".quarter").textContent = largest >= 4 ? quantity(Math.round(largest / 4), measure) : "";
  const canvas = root.querySelector("canvas").getContext("2d");
  const gradient = canvas.createLinearGradient(0, 0, 240, 0);
  const stops = scaleStops(dark);
  stops.forEach((stop, i) => gradient.addColorStop(i / (stops.length - 1), stop));
  canvas.fillStyle = gradient;
  canvas.fillRect(0, 0, 240, 10);
}

function onKey(event, root, state) {
  const last = state.data.blocks.length - 1;
  const at = state.at ?? Math.max(state.picked, 0);
  const arrows = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1 };
  const moves = { ...arrows, PageDown: at + 10, PageUp: at - 10, Home: 0, End: last };
  if (event.key in moves) {
    event.preventDefault();
    look(root, state, clamp(moves[event.key], 0, last), true);
  } else if (event.key === "Enter" && state.at !== null) {
    choose(root, state, state.at);
  }
}

function choose(root, state, i) {
  if (state.data.blocks[i].row < 0) return;
  state.picked = i;
  look(root, state, i);
  state.report("row", state.data.blocks[i].row);
}

function look(root, state, i, scroll) {
  state.at = i;
  state.groups.forEach((group, place) => {
    group.classList.toggle("lit", place === i);
    group.classList.toggle("picked", place === state.picked);
  });
  if (scroll) {
    const { x, width } = state.placed[i];
    const stage = root.querySelector(".stage");
    if (x < stage.scrollLeft || x + width > stage.scrollLeft + stage.clientWidth) stage.scrollLeft = x - 60;
  }
  root.querySelector(".readout").replaceChildren(...(i === null ? summary(state) : reading(state, i)));
}

function reading({ data, measure }, i) {
  const block = data.blocks[i];
  if (block.row < 0) return [line("strong", "input"), line("shape", block.shape.join(" × "))];
  const head = [line("strong", block.name), line("kind", block.kind), line("shape", `${across(block.input)} → ${across(block.shape)}`)];
  if (block.failed) return [...head.slice(0, 2), line("wrong", "PyTorch fails here")];
  const figures = Object.entries(MEASURES).map(([name, { noun }]) => {
    const total = data.totals[name];
    const share = total ? ` (${((100 * block[name]) / total).toFixed(1)} %)` : "";
    return line(name === measure ? "figure now" : "figure", `${quantity(block[name], name)} ${noun}${share}`);
  });
  const waiting = measure === WAITS && data.waits?.rows[block.row];
  if (waiting) figures.push(line("figure now", `${waiting.words}, waits for ${LEGEND[waiting.bound].title.toLowerCase()}`));
  return [...head, ...figures];
}

function summary({ data, measure }) {
  const rows = data.blocks.filter((block) => block.row >= 0 && !block.failed);
  const waiting = measure === WAITS;
  if (waiting && !data.waits) return [line("kind", "Computing times …")];
  if (waiting && data.waits.unknown) return [line("kind", data.waits.unknown)];
  const amount = (block) => (waiting ? data.waits.rows[block.row]?.seconds ?? 0 : block[measure]);
  const all = waiting ? Object.values(data.waits.rows).map((row) => row.seconds) : [data.totals[measure]];
  const total = sum(all);
  if (!rows.length || !total) return [line("kind", `No layer has ${waiting ? "a time" : MEASURES[measure].noun}.`)];
  const most = rows.reduce((best, row) => (amount(row) > amount(best) ? row : best));
  const share = ((100 * amount(most)) / total).toFixed(1);
  const said = waiting
    ? `${data.waits.rows[most.row].words} on ${data.waits.device}, forward and backward`
    : `${quantity(most[measure], measure)} ${MEASURES[measure].noun}`;
  return [
    line("kind", rows.length > 1 ? "Most:" : "Its one layer:"),
    line("strong", `${most.name} ${most.kind}`),
    line("figure now", `${said} = ${share} % of all`),
    line("kind", TOUCH ? "Tap a block for its figures and its derivation." : "Point at a block to read it, click it to see the derivation."),
  ];
}

const line = (kind, text) => make("span", kind, text);

function across(shape) {
  return shape.join("×");
}

function quantity(value, measure) {
  if (!MEASURES[measure].bytes) return value.toLocaleString("en-US");
  if (value < 1024) return `${value} B`;
  const units = ["KiB", "MiB", "GiB", "TiB", "PiB"]; // three digits, as core.profiler.formatting writes them
  let place = 0;
  let size = value / 1024;
  while (place < units.length - 1 && size >= 1000) [size, place] = [size / 1024, place + 1];
  return `${size.toFixed(Math.max(0, 3 - String(Math.trunc(size)).length))} ${units[place]}`;
}
