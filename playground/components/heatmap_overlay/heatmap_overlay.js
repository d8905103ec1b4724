/* Maps over images. What a person has set (strength, smoothness) stays when other images come. */
import { keepInAddress, linkedNumber, linkedParts } from "../shared/address.js";
import { make, makeSvg, setAll } from "../shared/dom.js";
import { colourOf } from "../shared/colour.js";
import { significant, unpacked } from "../shared/numbers.js";
import { CELLS, clamp, onArrows, shareOf } from "../shared/pointing.js";
import { Roving } from "../shared/roving.js";

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".overlay");
  const text = JSON.stringify(data);
  if (text === root.text) return;
  if (!root.text) open(root, linkedParts(data.link));
  Object.assign(root, { text, link: data.link });
  const [low, scale, high] = root.querySelector(".scale").children;
  const own = data.images.some((one) => one.bound);
  low.textContent = own ? "against" : significant(-data.bound, 4);
  high.textContent = own ? "for" : `+${significant(data.bound, 4)}`;
  scale.style.background = `linear-gradient(90deg, ${DATA_SCALE.map(([, colour]) => colour).join(",")})`;
  const images = root.querySelector(".images");
  images.style.setProperty("--side", `${data.side}px`);
  images.style.gridTemplateColumns = data.columns ? `repeat(${data.columns}, minmax(0, ${1.4 * data.side}px))` : "";
  images.replaceChildren(...data.images.map((one) => figure(root, one, data.bound)));
  walkMaps(images, new Roving([...images.querySelectorAll("[role=application]")]));
  root.querySelector(".readout").textContent = "";
  root.querySelector(".bar").style.display = data.images.some((one) => one.values) ? "" : "none";
  root.oninput = () => fade(root);
  fade(root);
}

/* What a link says: how strong the maps are, and whether they are smooth. */
function open(root, [strength, smooth]) {
  const [slider, box] = root.querySelectorAll("input");
  root.first = [slider.value, Number(box.checked)].join("_");
  slider.value = linkedNumber(strength, 0, 100, slider.value);
  box.checked = smooth === undefined ? box.checked : smooth === "1";
}

function fade(root) {
  const [strength, smooth] = root.querySelectorAll("input");
  const parts = [strength.value, Number(smooth.checked)];
  keepInAddress(root.link, root, parts.join("_") === root.first ? [] : parts);
  for (const canvas of root.querySelectorAll("canvas")) {
    canvas.style.opacity = strength.value / 100;
    canvas.style.imageRendering = smooth.checked ? "auto" : "pixelated";
  }
}

function figure(root, one, bound) {
  const mark = { true: "✓ ", false: "✗ " }[one.correct] ?? "";
  const node = make("figure", mark && (one.correct ? "correct" : "wrong"));
  const frame = make("div", "frame");
  if (one.reason) frame.append(make("p", "reason", one.reason));
  else frame.append(Object.assign(make("img", "cover"), { src: one.src, alt: mark + one.title }));
  if (one.values) layMap(root, frame, one, bound);
  if (one.boxes) frames(frame, one.boxes);
  node.append(frame, make("figcaption", "", mark + one.title));
  return node;
}

/* One canvas pixel a cell; the browser enlarges it, about the cells' middles when smooth. */
function layMap(root, frame, one, bound) {
  const [height, width] = one.shape;
  const values = unpacked(one.values, Float32Array);
  const canvas = Object.assign(make("canvas", "cover"), { width, height });
  const pixels = new ImageData(width, height);
  values.forEach((value, i) => pixels.data.set(colour(value / (one.bound ?? bound)), 4 * i));
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  frame.append(canvas);
  point(root, frame, one, values);
}

/* Colour and opacity, both stronger the farther from zero: where a map says nothing the picture is seen. */
function colour(share) {
  return [...colourOf(share, 1), Math.round(255 * Math.min(1, 1.3 * Math.abs(share)))];
}

/* All maps are one stop of the Tab key; Page Up and Page Down go from one to the next. */
function walkMaps(images, roving) {
  images.onfocusin = (event) => roving.elements.includes(event.target) && roving.enterBy(event.target);
  images.onkeydown = (event) => {
    const by = { PageUp: -1, PageDown: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const { elements, entry } = roving;
    roving.move(elements[clamp(elements.indexOf(entry) + by, 0, elements.length - 1)]);
  };
}

/* The pointer or the arrow keys choose a cell; its value is read out. */
function point(root, frame, one, values) {
  const [rows, columns] = one.shape;
  const svg = drawing(frame, columns, rows);
  const cell = makeSvg("rect", { class: "cell", width: 1, height: 1 });
  let at = [Math.floor(rows / 2), Math.floor(columns / 2)];
  const show = (row, column) => {
    at = [clamp(row, 0, rows - 1), clamp(column, 0, columns - 1)];
    setAll(cell, { x: at[1], y: at[0] });
    svg.append(cell);
    const value = values[at[0] * columns + at[1]];
    root.querySelector(".readout").textContent =
      `Row ${at[0]}, column ${at[1]} of ${rows}×${columns}: ${value > 0 ? "+" : ""}${significant(value, 4)}`;
  };
  frame.setAttribute("role", "application");
  frame.setAttribute("aria-label", `${one.title}. Arrow keys read out the map, Page Down goes to the next one.`);
  frame.addEventListener("pointermove", (event) => {
    const [down, right] = shareOf(event, frame);
    show(Math.floor(down * rows), Math.floor(right * columns));
  });
  frame.addEventListener("pointerleave", () => cell.remove());
  frame.addEventListener("blur", () => cell.remove());
  onArrows(frame, (down, right) => show(at[0] + down, at[1] + right), CELLS);
}

function drawing(frame, width, height) {
  return makeSvg("svg", { class: "cover", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none" }, frame);
}

function frames(frame, boxes) {
  const svg = drawing(frame, 1, 1);
  for (const [x0, y0, x1, y1] of boxes) {
    makeSvg("rect", { class: "box", x: x0, y: y0, width: Math.max(0, x1 - x0), height: Math.max(0, y1 - y0) }, svg);
  }
}
