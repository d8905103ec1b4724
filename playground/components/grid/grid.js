/* A grid of weights, one stop of the Tab key. Type a number or a fraction, walk with the arrow keys, or drag a cell. */
import { make } from "../shared/dom.js";
import { clamp, stepOf } from "../shared/pointing.js";
import { Roving } from "../shared/roving.js";
import { colourOf, css, textOn } from "../shared/colour.js";

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".grid");
  root.setAttribute("aria-label", data.label);
  root.setAttribute("aria-readonly", String(!data.editable));
  root.send = (values) => setTriggerValue("edited", values);
  const [rows, columns] = [data.values.length, data.values[0].length];
  const shape = `${rows}x${columns}${data.editable}`;
  if (root.dataset.shape !== shape) build(root, rows, columns, data.editable);
  root.dataset.shape = shape;
  root.values = data.values;
  show(root);
}

function build(root, rows, columns, editable) {
  root.setAttribute("role", "grid");
  root.style.setProperty("--columns", columns);
  root.cells = Array.from({ length: rows * columns }, (_, i) => {
    const cell = Object.assign(make("input"), { inputMode: "text", readOnly: !editable, spellcheck: false });
    const [row, column] = [Math.floor(i / columns), i % columns];
    cell.setAttribute("aria-label", `weight, row ${row}, column ${column}`);
    listenCell(root, cell, row, column);
    return cell;
  });
  root.roving = new Roving(root.cells);
  root.replaceChildren(...Array.from({ length: rows }, (_, row) => withRole("row",
    root.cells.slice(row * columns, (row + 1) * columns).map((cell) => withRole("gridcell", [cell])))));
}

function withRole(role, children) {
  const element = make("div");
  element.setAttribute("role", role);
  element.append(...children);
  return element;
}

function show(root) {
  const flat = root.values.flat();
  const bound = Math.max(...flat.map(Math.abs));
  root.cells.forEach((cell, i) => {
    const colour = colourOf(flat[i], bound, "weight");
    Object.assign(cell.style, { background: css(colour), color: textOn(colour) });
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
  cell.addEventListener("focus", () => {
    root.roving.enterBy(cell);
    cell.select();
  });
  cell.addEventListener("input", () => { cell.dataset.typing = "yes"; });
  cell.addEventListener("change", () => { delete cell.dataset.typing; commit(parsed(cell.value)); });
  cell.addEventListener("blur", () => { delete cell.dataset.typing; show(root); });
  cell.addEventListener("keydown", (event) => {
    const step = event.key === "Enter" ? [1, 0] : stepOf(event);
    if (!step || (step[1] && cell.dataset.typing)) return; // within a row, the keys are those of the text
    event.preventDefault();
    if (cell.dataset.typing) { delete cell.dataset.typing; commit(parsed(cell.value)); }
    const [rows, columns] = [root.values.length, root.values[0].length];
    const next = [clamp(row + step[0], 0, rows - 1), clamp(column + step[1], 0, columns - 1)];
    root.roving.move(root.cells[next[0] * columns + next[1]]);
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
