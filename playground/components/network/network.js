/* A network as blocks: hover or arrow keys read a row, a click unfolds it, four buttons choose what the colour means. */

import { make, makeSvg, onTheme } from "../shared/dom.js";
import { clamp } from "../shared/pointing.js";
import { radioGroup } from "../shared/radio_group.js";
import { layout } from "./layout.js";
import { isDark, scaleStops } from "./colour.js";
import { drawBlocks, drawLabels, drawParts, drawSkips, paint, parts, svgHeight } from "./draw.js";

const MEASURES = {
  params: ["Parameters", "parameters"],
  macs: ["MACs", "MACs"],
  output_bytes: ["Output", "of output"],
  saved_bytes: ["Saved activations", "of saved activations"],
};

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".network");
  if (!root.state) begin(root, (root.state = { measure: data.measure }));
  const { state } = root;
  const text = JSON.stringify([data.blocks, data.skips]);
  const picked = data.blocks.findIndex((block) => block.row >= 0 && block.row === data.picked);
  const fresh = state.text !== text;
  Object.assign(state, { data, text, picked, pick: (row) => setStateValue("row", row) });
  if (fresh) {
    state.at = null;
    render(root, state);
  } else {
    look(root, state, state.at);
  }
}

function begin(root, state) {
  const names = Object.entries(MEASURES).map(([measure, [name]]) => [measure, name]);
  state.measures = radioGroup("What the colour shows", names, () => state.measure, (measure) => {
    state.measure = measure;
    root.classList.add("eased");
    colour(root, state);
    look(root, state, state.at);
  }, "measures segments");
  root.querySelector(".bar").prepend(state.measures);
  new ResizeObserver(() => Math.abs(root.clientWidth - state.width) > 2 && render(root, state)).observe(root);
  onTheme(() => colour(root, state));
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
  const svg = makeSvg("svg", { width: Math.max(total, 40), height, "aria-hidden": "true" }, stage);
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
  const { blocks } = state.data;
  const dark = isDark(root);
  const largest = Math.max(...blocks.map((block) => block[state.measure]), 0);
  paint(state.groups, blocks, state.measure, largest, dark);
  state.measures.update();
  root.querySelector(".most").textContent = quantity(largest, state.measure);
  root.querySelector(".quarter").textContent = largest >= 4 ? quantity(Math.round(largest / 4), state.measure) : "";
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
  const moves = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: last };
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
  state.pick(state.data.blocks[i].row);
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
  const figures = Object.entries(MEASURES).map(([name, [, unit]]) => {
    const total = data.totals[name];
    const share = total ? ` (${((100 * block[name]) / total).toFixed(1)} %)` : "";
    return line(name === measure ? "figure now" : "figure", `${quantity(block[name], name)} ${unit}${share}`);
  });
  return [...head, ...figures];
}

function summary({ data, measure }) {
  const rows = data.blocks.filter((block) => block.row >= 0 && !block.failed);
  const total = data.totals[measure];
  if (!rows.length || !total) return [line("kind", `No layer has ${MEASURES[measure][1]}.`)];
  const most = rows.reduce((best, row) => (row[measure] > best[measure] ? row : best));
  const share = ((100 * most[measure]) / total).toFixed(1);
  return [
    line("kind", rows.length > 1 ? "Most:" : "Its one layer:"),
    line("strong", `${most.name} ${most.kind}`),
    line("figure now", `${quantity(most[measure], measure)} ${MEASURES[measure][1]} = ${share} % of all`),
    line("kind", "Point at a block (touch: tap) to read it, click it to see the derivation."),
  ];
}

const line = (kind, text) => make("span", kind, text);

function across(shape) {
  return shape.join("×");
}

function quantity(value, measure) {
  if (measure === "params" || measure === "macs") return value.toLocaleString("en-US");
  const units = ["B", "kB", "MB", "GB", "TB"];
  let place = 0;
  let size = value;
  while (place < units.length - 1 && Number(size.toFixed(2)) >= 1000) [size, place] = [size / 1000, place + 1];
  return place ? `${size.toFixed(2)} ${units[place]}` : `${size} B`;
}
