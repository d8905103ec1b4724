/* A grid of weights. Type a number or a fraction, walk with the arrow keys, or drag a cell up and down. */
import { make } from "../shared/dom.js";
import { colourOf, css, inkOn } from "../shared/colour.js";

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".grid");
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", data.label);
  root.send = (values) => setTriggerValue("edited", values);
  const [rows, columns] = [data.values.length, data.values[0].length];
  const shape = `${rows}x${columns}${data.editable}`;
  if (root.dataset.shape !== shape) build(root, rows, columns, data.editable);
  root.dataset.shape = shape;
  root.values = data.values;
  show(root);
}

function build(root, rows, columns, editable) {
  root.style.setProperty("--columns", columns);
  root.replaceChildren(...Array.from({ length: rows * columns }, (_, i) => {
    const cell = Object.assign(make("input"), { inputMode: "text", readOnly: !editable, spellcheck: false });
    const [row, column] = [Math.floor(i / columns), i % columns];
    cell.setAttribute("aria-label", `weight, row ${row}, column ${column}`);
    listenCell(root, cell, row, column);
    return cell;
  }));
}

function show(root) {
  const flat = root.values.flat();
  const bound = Math.max(...flat.map(Math.abs));
  [...root.children].forEach((cell, i) => {
    const colour = colourOf(flat[i], bound, "weight");
    Object.assign(cell.style, { background: css(colour), color: inkOn(colour) });
    cell.title = String(flat[i]);
    const isActive = root.getRootNode().activeElement === cell;
    if (!isActive || !cell.dataset.typing) cell.value = brief(flat[i]);
  });
}

export function brief(value) {
  if (value === 0) return "0";
  const text = Math.abs(value) >= 1 ? Number(value.toPrecision(3)) : Number(value.toFixed(3));
  return (text === 0 ? value.toExponential(0) : String(text)).replace("-", "−").replace(/^(−?)0\./, "$1.");
}

export function parsed(text) {
  const [above, below] = text.replaceAll("−", "-").replace(",", ".").split("/").map(Number);
  const value = below === undefined ? above : above / below;
  return text.trim() && Number.isFinite(value) && Math.abs(value) <= 1e6 ? value : null;
}

function listenCell(root, cell, row, column) {
  const commit = (value) => {
    if (value === null || value === root.values[row][column]) return show(root);
    root.values = root.values.map((line, r) => line.map((old, c) => (r === row && c === column ? value : old)));
    show(root);
    root.send(root.values);
  };
  cell.addEventListener("focus", () => cell.select());
  cell.addEventListener("input", () => { cell.dataset.typing = "yes"; });
  cell.addEventListener("change", () => { delete cell.dataset.typing; commit(parsed(cell.value)); });
  cell.addEventListener("blur", () => { delete cell.dataset.typing; show(root); });
  cell.addEventListener("keydown", (event) => {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], Enter: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const inside = event.key === "ArrowLeft" || event.key === "ArrowRight";
    if (!move || (inside && cell.dataset.typing)) return;
    event.preventDefault();
    if (cell.dataset.typing) { delete cell.dataset.typing; commit(parsed(cell.value)); }
    const columns = root.values[0].length;
    const next = [row + move[0], column + move[1]];
    if (next[0] >= 0 && next[0] < root.values.length && next[1] >= 0 && next[1] < columns) {
      root.children[next[0] * columns + next[1]].focus();
    }
  });
  dragging(root, cell, () => root.values[row][column], commit);
}

/* Dragging up raises the weight, dragging down lowers it; the server hears of it at most ten times a second. */
function dragging(root, cell, value, commit) {
  let from = null;
  cell.addEventListener("pointerdown", (event) => {
    if (!cell.readOnly) from = { y: event.clientY, value: value(), sent: 0, moved: false };
  });
  const target = (event) => {
    const bound = Math.max(...root.values.flat().map(Math.abs), 0.1);
    from.step = from.step || 10 ** Math.floor(Math.log10(bound)) / 4;
    return Number((from.value + Math.round((from.y - event.clientY) / 6) * from.step).toPrecision(6));
  };
  cell.addEventListener("pointermove", (event) => {
    if (!from || (!from.moved && Math.abs(event.clientY - from.y) < 5)) return;
    if (!from.moved) cell.setPointerCapture(event.pointerId);
    from.moved = true;
    if (performance.now() - from.sent > 100) { from.sent = performance.now(); commit(target(event)); }
  });
  cell.addEventListener("pointerup", (event) => {
    if (from && from.moved) commit(target(event));
    from = null;
  });
  cell.addEventListener("click", () => { if (!cell.dataset.typing) cell.select(); }); // a click, then a number
  cell.addEventListener("pointercancel", () => { from = null; });
}
