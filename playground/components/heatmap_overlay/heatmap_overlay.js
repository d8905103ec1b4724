/* Maps over images. What a person has set (strength, smoothness) stays when other images come. */
const SVG = "http://www.w3.org/2000/svg";

export default function ({ data, parentElement }) {
  const state = parentElement.querySelector(".overlay")?.state ?? build(parentElement);
  const text = JSON.stringify(data);
  if (text === state.text) return;
  state.text = text;
  state.data = data;
  state.readout.textContent = "";
  state.low.textContent = written(-data.bound);
  state.high.textContent = `+${written(data.bound)}`;
  state.images.style.setProperty("--side", `${data.side}px`);
  state.images.replaceChildren(...data.images.map((one) => figure(state, one)));
  const any = data.images.some((one) => one.values);
  state.bar.style.display = any ? "" : "none";
  fade(state);
}

function build(parent) {
  const root = make("div", "overlay", parent);
  const bar = make("div", "bar", root);
  const strength = control(bar, "Map opacity", "range");
  Object.assign(strength, { min: 0, max: 100, value: 65 });
  const smooth = control(bar, "Smooth", "checkbox");
  smooth.checked = true;
  const scale = make("span", "scale", bar);
  const low = make("span", "", scale);
  make("i", "", scale).style.background = `linear-gradient(90deg, ${DATA_SCALE.map(([, colour]) => colour).join(",")})`;
  const high = make("span", "", scale);
  const state = { bar, strength, smooth, low, high, images: make("div", "images", root), readout: make("div", "readout", root) };
  state.readout.setAttribute("aria-live", "polite");
  strength.addEventListener("input", () => fade(state));
  smooth.addEventListener("change", () => fade(state));
  root.state = state;
  return state;
}

function control(parent, words, type) {
  const label = make("label", "", parent);
  label.append(words);
  const input = make("input", "", label);
  input.type = type;
  input.setAttribute("aria-label", words);
  return input;
}

function make(tag, name, parent) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  parent.appendChild(node);
  return node;
}

function fade(state) {
  for (const canvas of state.images.querySelectorAll("canvas")) {
    canvas.style.opacity = state.strength.value / 100;
    canvas.style.imageRendering = state.smooth.checked ? "auto" : "pixelated";
  }
}

function figure(state, one) {
  const node = document.createElement("figure");
  const mark = { true: "✓ ", false: "✗ " }[one.correct] ?? "";
  if (mark) node.className = one.correct ? "correct" : "wrong";
  const frame = make("div", "frame", node);
  const image = make("img", "", frame);
  image.src = one.src;
  image.alt = mark + one.title;
  if (one.values) layMap(state, frame, one);
  if (one.boxes) frames(frame, one.boxes);
  make("figcaption", "", node).textContent = mark + one.title;
  return node;
}

/* One canvas pixel a cell; the browser enlarges it, about the cells' middles when smooth. */
function layMap(state, frame, one) {
  const [rows, columns] = one.shape;
  const bytes = Uint8Array.from(atob(one.values), (letter) => letter.charCodeAt(0));
  const values = new Float32Array(bytes.buffer);
  const canvas = make("canvas", "", frame);
  Object.assign(canvas, { width: columns, height: rows });
  const pixels = new ImageData(columns, rows);
  values.forEach((value, i) => pixels.data.set(colour(value / state.data.bound), 4 * i));
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  point(state, frame, one, values);
}

/* Colour and opacity, both stronger the farther from zero: where a map says nothing the picture is seen. */
function colour(share) {
  const place = Math.min(1, Math.max(0, share / 2 + 0.5));
  const k = Math.max(1, DATA_SCALE.findIndex(([stop]) => stop >= place));
  const [[a, from], [b, to]] = [DATA_SCALE[k - 1], DATA_SCALE[k]];
  const part = (hex, i) => parseInt(hex.slice(i, i + 2), 16);
  const mixed = [1, 3, 5].map((i) => Math.round(part(from, i) + ((place - a) / (b - a)) * (part(to, i) - part(from, i))));
  return [...mixed, Math.round(255 * Math.min(1, 1.3 * Math.abs(share)))];
}

/* The pointer or the arrow keys choose a cell; its value is read out. */
function point(state, frame, one, values) {
  const [rows, columns] = one.shape;
  const svg = drawing(frame, columns, rows);
  const cell = document.createElementNS(SVG, "rect");
  for (const [key, value] of Object.entries({ class: "cell", width: 1, height: 1 })) cell.setAttribute(key, value);
  let at = [Math.floor(rows / 2), Math.floor(columns / 2)];
  const show = (row, column) => {
    at = [Math.min(rows - 1, Math.max(0, row)), Math.min(columns - 1, Math.max(0, column))];
    cell.setAttribute("x", at[1]);
    cell.setAttribute("y", at[0]);
    svg.appendChild(cell);
    const value = values[at[0] * columns + at[1]];
    state.readout.textContent = `Row ${at[0] + 1}, column ${at[1] + 1} of ${rows}×${columns}: ${value > 0 ? "+" : ""}${written(value)}`;
  };
  frame.tabIndex = 0;
  frame.setAttribute("role", "group");
  frame.setAttribute("aria-label", `${one.title}. Arrow keys read out the map.`);
  frame.addEventListener("pointermove", (event) => {
    const box = frame.getBoundingClientRect();
    show(Math.floor(((event.clientY - box.top) / box.height) * rows), Math.floor(((event.clientX - box.left) / box.width) * columns));
  });
  frame.addEventListener("pointerleave", () => cell.remove());
  frame.addEventListener("blur", () => cell.remove());
  frame.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    show(at[0] + step[0], at[1] + step[1]);
  });
}

function drawing(frame, width, height) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("preserveAspectRatio", "none");
  frame.appendChild(svg);
  return svg;
}

function frames(frame, boxes) {
  const svg = drawing(frame, 1, 1);
  for (const [x0, y0, x1, y1] of boxes) {
    const box = document.createElementNS(SVG, "rect");
    const sides = { class: "box", x: x0, y: y0, width: Math.max(0, x1 - x0), height: Math.max(0, y1 - y0) };
    for (const [key, value] of Object.entries(sides)) box.setAttribute(key, value);
    svg.appendChild(box);
  }
}

/* Four significant digits. */
function written(value) {
  return String(Number(value.toPrecision(4))).replace("-", "−");
}
