/* The blocks as SVG: three faces each, labels where a shape changes, brackets under the parts of the network. */

import { css, mix } from "../shared/colour.js";
import { makeSvg } from "../shared/dom.js";
import { clamp } from "../shared/pointing.js";
import { TALLEST } from "./layout.js";

const TOP = 58; // room for the faces drawn away from us
export const BASE = TOP + TALLEST;
const LABELS = 40;
const PARTS = 22;

export function svgHeight(hasParts) {
  return BASE + LABELS + (hasParts ? PARTS : 0);
}

export function drawBlocks(svg, blocks, placed, onEnter, onPick) {
  return blocks.map((block, i) => {
    const group = makeSvg("g", { class: block.failed ? "block failed" : "block", "data-row": i }, svg);
    for (const [side, points] of Object.entries(faces(placed[i]))) makeSvg("polygon", { class: side, points }, group);
    group.addEventListener("pointerenter", () => onEnter(i));
    group.addEventListener("click", () => onPick(i));
    return group;
  });
}

export function paint(groups, blocks, colourOfBlock, dark) {
  groups.forEach((group, i) => {
    if (blocks[i].failed) return;
    const colour = colourOfBlock(blocks[i]);
    const [front, top, side] = group.children;
    front.style.fill = css(colour);
    if (top) top.style.fill = css(mix(colour, [255, 255, 255], dark ? 0.16 : 0.35));
    if (side) side.style.fill = css(mix(colour, [0, 0, 0], dark ? 0.35 : 0.14));
  });
}

/* An arc over all that a skip connection passes by, the higher the wider; it ends where its output is read. */
export function drawSkips(svg, placed, skips) {
  for (const [first, last] of skips) {
    const left = placed[first].x + placed[first].width;
    const right = placed[last].x + placed[last].width / 2;
    const half = (right - left) / 2;
    const rise = Math.min(TOP - 4, 14 + half / 6);
    makeSvg("path", { d: `M${left} ${TOP}A${half} ${rise} 0 0 1 ${right} ${TOP}`, class: "skip" }, svg);
  }
}

/* Where the shape changes, as long as there is room; the ends first, then from left to right. */
export function drawLabels(svg, blocks, placed, total) {
  const taken = [];
  const changes = blocks.map((_, i) => i).filter((i) => i && blocks[i - 1].shape.join() !== blocks[i].shape.join());
  const last = changes.pop();
  for (const i of [...(last === undefined ? [] : [last]), ...changes, 0]) {
    const [wide, narrow] = words(blocks[i].shape);
    const half = Math.max(wide.length, narrow.length) * 3.1 + 3;
    const middle = placed[i].x + placed[i].width / 2;
    const centre = clamp(middle, half, Math.max(total - half, half));
    if (taken.some(([left, right]) => centre + half > left && centre - half < right)) continue;
    taken.push([centre - half, centre + half]);
    makeSvg("text", { x: centre, y: BASE + 15, class: "label strong" }, svg, wide);
    makeSvg("text", { x: centre, y: BASE + 29, class: "label" }, svg, narrow);
  }
}

export function drawParts(svg, blocks, placed) {
  for (const { name, first, last } of parts(blocks)) {
    const left = placed[first].x;
    const right = placed[last].x + placed[last].width;
    if (right - left < name.length * 6.2) continue;
    const y = BASE + LABELS + 4;
    makeSvg("path", { d: `M${left} ${y - 5}V${y}H${right}V${y - 5}`, class: "bracket" }, svg);
    makeSvg("text", { x: (left + right) / 2, y: y + 13, class: "label" }, svg, name);
  }
}

export function parts(blocks) {
  const found = [];
  blocks.forEach((block, i) => {
    const name = block.name.includes(".") ? block.name.split(".")[0] : "";
    const open = found[found.length - 1];
    if (open && open.name === name) open.last = i;
    else found.push({ name, first: i, last: i });
  });
  return found.filter((part) => part.name && Number.isNaN(Number(part.name)) && part.last > part.first);
}

function faces({ x, width, height, depth }) {
  const y = TOP + (TALLEST - height) / 2;
  const away = depth * 0.72;
  const points = (...pairs) => pairs.map(([px, py]) => `${px.toFixed(2)},${py.toFixed(2)}`).join(" ");
  const front = points([x, y], [x + width, y], [x + width, y + height], [x, y + height]);
  if (!depth) return { front };
  const top = points([x, y], [x + depth, y - away], [x + width + depth, y - away], [x + width, y]);
  const right = x + width;
  const side = points([right, y], [right + depth, y - away], [right + depth, y + height - away], [right, y + height]);
  return { front, top, side };
}

function words(shape) {
  if (shape.length === 1) return [shape[0].toLocaleString("en-US"), ""];
  return [String(shape[0]), shape.slice(1).join("×")];
}
