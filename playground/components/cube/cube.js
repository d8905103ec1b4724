/* The normalization cube: point at a cell, and all cells that share its mean and variance are highlighted.

   The server is not involved while the pointer moves. The root element carries `cube`, through which tests set a
   state and read the page. */

import { keepInAddress, linkedNumber, linkedParts } from "../shared/address.js";
import { make, onTheme, sharpContext } from "../shared/dom.js";
import { TOUCH, clamp } from "../shared/pointing.js";
import { flat, unflat } from "../shared/indices.js";
import { radioGroup } from "../shared/radio_group.js";
import { explain, fixed, hundredths } from "./arithmetic.js";
import { facesOf, inside } from "./blocks.js";
import { looksOf, paintBlocks, paintSquares } from "./paint.js";
import { modelOf } from "./statistics.js";
import { squaresOf, widest } from "./unfolded.js";

const START = { yaw: 0.52, pitch: 0.42 };
const MAX_PITCH = 1.3;
const ROTATION_STEP = 0.12; // per key press, in radians
const VIEWS = { both: "Both", blocks: "3-D blocks", flat: "Unfolded", slice: "Slice" };
const MOVES = {
  ArrowLeft: [3, -1], ArrowRight: [3, 1], ArrowUp: [2, -1], ArrowDown: [2, 1], PageUp: [1, -1], PageDown: [1, 1],
  Home: [3, -Infinity], End: [3, Infinity],
};
const HELP =
  "Arrow keys move within an image, Home and End in its row, Page Up and Page Down between channels, N and Shift+N between images; " +
  "Shift with an arrow key rotates the blocks; Space holds a cell.";

const HINT = TOUCH
  ? "Tap a cell. Drag the blocks sideways to rotate them."
  : "Point at a cell. Drag the blocks to rotate them; click a cell to hold it. Arrow keys work too.";

class Cube {
  constructor(root) {
    Object.assign(this, { root, view: "both", after: false, cell: 0, held: false, rotation: { ...START }, slice: { axis: "N", at: 0 } });
    for (const name of ["hint", "stage", "blocks", "flat", "panel"]) this[name] = root.querySelector(`.${name}`);
    [this.slicer, this.slider, this.live] = root.querySelectorAll(".slicing, input, .unseen");
    this.stage.setAttribute("aria-label", `The tensor. ${HELP}`);
    Object.assign(this.hint, { textContent: HINT, title: HELP });
    this.addRadios();
    this.listen();
  }

  addRadios() {
    const axes = [..."NCHW"].map((axis) => [axis, axis]);
    const views = radioGroup("View", Object.entries(VIEWS), () => this.view, (view) => this.set({ view }));
    const slices = radioGroup("Slice across", axes, () => this.slice.axis, (axis) => this.set({ slice: { axis, at: 0 } }));
    const times = [[false, "x before"], [true, "y after"]];
    const values = radioGroup("Values", times, () => this.after, (after) => this.set({ after }));
    this.radios = [views, slices, values];
    this.slicer.prepend(slices);
    this.slicer.before(views);
    this.slicer.after(values);
  }

  listen() {
    for (const canvas of [this.blocks, this.flat]) {
      canvas.addEventListener("pointermove", (event) => this.move(event, canvas));
      canvas.addEventListener("pointerdown", (event) => this.press(event, canvas));
      canvas.addEventListener("pointerup", (event) => this.lift(event, canvas));
      canvas.addEventListener("pointercancel", () => (this.drag = null));
    }
    this.stage.addEventListener("keydown", (event) => this.key(event));
    this.stage.addEventListener("focus", () => this.stage.matches(":focus-visible") && this.point(this.cell, true));
    this.slider.addEventListener("input", () => this.set({ slice: { ...this.slice, at: Number(this.slider.value) } }));
    new ResizeObserver(() => Math.abs(this.stage.clientWidth - this.drawnWidth) > 2 && this.draw()).observe(this.stage);
    onTheme(() => this.draw());
  }

  /* A new tensor or another way to normalize; the cell pointed at stays where it can. */
  show(data) {
    const before = this.model?.data.shape;
    this.model = modelOf(data);
    const indices = before ? unflat(this.cell, before) : data.start;
    this.cell = flat(indices.map((at, axis) => Math.min(at, data.shape[axis] - 1)), data.shape);
    this.set({ slice: { ...this.slice, at: Math.min(this.slice.at, data.shape["NCHW".indexOf(this.slice.axis)] - 1) } });
    this.explain();
  }

  /* What a link says: view, values, slice, rotation, cell and whether it is held. */
  open([view, values, slice = "", yaw, pitch, cell, held]) {
    if (!view) return;
    const [axis, at] = [slice[0], linkedNumber(slice.slice(1), 0, 99, 0)];
    this.view = view in VIEWS ? view : this.view;
    this.after = values === "after";
    if (axis && "NCHW".includes(axis)) this.slice = { axis, at };
    this.rotation = { yaw: linkedNumber(yaw, -99, 99, START.yaw), pitch: linkedNumber(pitch, -MAX_PITCH, MAX_PITCH, START.pitch) };
    if (cell !== undefined) this.cell = this.chosen = Math.trunc(linkedNumber(cell, 0, this.model.y.length - 1, this.cell));
    if (held === "held") this.hold(true);
  }

  keep() {
    const { view, after, slice, rotation, held } = this;
    const parts = [view, after ? "after" : "before", slice.axis + slice.at, rotation.yaw.toFixed(2), rotation.pitch.toFixed(2)];
    const cell = held ? this.cell : this.chosen;
    parts.push(...(cell === undefined ? [] : [cell]), ...(held ? ["held"] : []));
    const same = ["both", "before", "N0", START.yaw.toFixed(2), START.pitch.toFixed(2)].join("_");
    keepInAddress("cube", this.root, parts.join("_") === same ? [] : parts);
  }

  set(patch) {
    Object.assign(this, patch);
    this.keep();
    this.radios.forEach((group) => group.update());
    this.slicer.hidden = this.view !== "slice";
    const axis = "NCHW".indexOf(this.slice.axis);
    Object.assign(this.slider, { max: this.model.data.shape[axis] - 1, value: this.slice.at });
    this.root.querySelector("output").textContent = `${this.model.data.letters[axis].toLowerCase()} = ${this.slice.at}`;
    this.looks = looksOf(this.model, this.after);
    this.draw();
  }

  /* Lay out both views for the available width, then paint. */
  draw() {
    const width = (this.drawnWidth = this.stage.clientWidth || 300);
    const { shape, letters } = this.model.data;
    const both = this.view === "both";
    const sideBySide = both && width >= 620;
    const flatWide = sideBySide ? Math.min(width * 0.5, widest(shape)) : width;
    const wide = sideBySide ? width - flatWide - 14 : width;
    this.blocks.hidden = !(both || this.view === "blocks");
    this.flat.hidden = this.view === "blocks";
    this.flatScene = squaresOf(shape, letters, flatWide, this.view === "slice" ? this.slice : null);
    const high = both ? (sideBySide ? clamp(this.flatScene.height, 300, 460) : 270) : 440;
    this.blockScene = facesOf(shape, this.rotation, wide, high);
    this.blockScene.labels.forEach((each) => (each.text = `${letters[0].toLowerCase()} = ${each.text}`));
    this.extent = { wide, high, flatWide };
    this.paint();
  }

  get lit() {
    const sets = this.model.parts.map((part) => part.of[this.cell].members);
    const [outer, inner] = [sets[0], sets[sets.length - 1]];
    return { cell: this.cell, outer: new Set(outer), inner: new Set(inner) };
  }

  paint() {
    const style = getComputedStyle(this.root);
    const theme = { text: style.color, font: style.fontFamily, accent: style.getPropertyValue("--st-primary-color") };
    const { wide, high, flatWide } = this.extent;
    const lit = this.lit;
    if (!this.blocks.hidden) paintBlocks(sharpContext(this.blocks, wide, high), this.blockScene, this.looks, lit, theme);
    if (!this.flat.hidden) paintSquares(sharpContext(this.flat, flatWide, this.flatScene.height), this.flatScene, this.looks, lit, theme);
  }

  /* The cell under a point of a canvas, or undefined. */
  hit(event, canvas) {
    const box = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    if (canvas === this.flat) {
      return this.flatScene.squares.find((s) => x >= s.x && x < s.x + s.side && y >= s.y && y < s.y + s.side)?.index;
    }
    return this.blockScene.faces.findLast(({ corners }) => inside([x, y], corners))?.index;
  }

  move(event, canvas) {
    if (this.drag?.canvas === this.blocks) {
      const [right, down] = [event.clientX - this.drag.x, event.clientY - this.drag.y];
      if (this.drag.rotating || Math.hypot(right, down) > 4) {
        this.drag.rotating = true;
        this.rotate(this.drag.yaw - right * 0.01, this.drag.pitch + down * 0.01);
      }
      return;
    }
    if (!this.held) this.point(this.hit(event, canvas));
  }

  press(event, canvas) {
    this.drag = { canvas, x: event.clientX, y: event.clientY, ...this.rotation };
    canvas.setPointerCapture(event.pointerId);
  }

  lift(event, canvas) {
    const rotated = this.drag?.rotating;
    this.drag = null;
    if (rotated) return;
    const cell = this.hit(event, canvas);
    if (cell === undefined) return;
    this.hold(!(this.held && cell === this.cell) && event.pointerType === "mouse");
    this.point(cell, true);
  }

  hold(held) {
    this.held = held;
    this.keep();
    this.root.classList.toggle("held", held);
    this.hint.textContent = held
      ? "This cell is held: click it again, or press Escape, to release it."
      : HINT;
  }

  rotate(yaw, pitch) {
    this.rotation = { yaw, pitch: clamp(pitch, -MAX_PITCH, MAX_PITCH) };
    this.keep();
    this.draw();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.key.toLowerCase() === "n" ? [0, event.shiftKey ? -1 : 1] : MOVES[event.key];
    if (step && event.shiftKey && event.key.startsWith("Arrow")) {
      const horizontal = step[0] === 3;
      this.rotate(this.rotation.yaw - (horizontal ? step[1] * ROTATION_STEP : 0), this.rotation.pitch + (horizontal ? 0 : step[1] * ROTATION_STEP));
    } else if (step) this.moveCell(...step);
    else if (event.key === " ") this.hold(!this.held);
    else if (event.key === "Escape") this.hold(false);
    else return;
    event.preventDefault();
  }

  moveCell(axis, by) {
    const { shape } = this.model.data;
    const indices = unflat(this.cell, shape);
    indices[axis] = clamp(indices[axis] + by, 0, shape[axis] - 1);
    const sliced = "NCHW".indexOf(this.slice.axis);
    if (this.view === "slice" && axis === sliced) this.set({ slice: { ...this.slice, at: indices[axis] } });
    this.point(flat(indices, shape), true);
  }

  point(cell, spoken = false) {
    if (cell === undefined) return;
    if (cell !== this.cell) {
      this.cell = cell;
      this.paint();
      this.explain();
    }
    if (spoken) {
      this.chosen = cell; // by a click, a tap or a key
      this.keep();
    }
    if (spoken) this.live.textContent = [...this.panel.querySelectorAll(".spoken")].map((node) => node.textContent).join(". ");
  }

  /* The panel: the cell's indices, which cells share its statistics, and its arithmetic. */
  explain() {
    const { data, parts, y } = this.model;
    const indices = unflat(this.cell, data.shape).map((at, axis) => `${data.letters[axis].toLowerCase()} ${at}`).join(", ");
    const head = make("div", "head spoken");
    head.append(make("b", "", `${indices}: ${hundredths(data.values[this.cell])} → ${fixed(y[this.cell], 4)}`));
    const rows = explain(this.model, this.cell).flatMap(({ part, set, rows: lines }) => {
      const title = part ? [this.sharing(part, set)] : [];
      return [...title, ...lines.map(([name, text]) => this.row(name, text))];
    });
    this.panel.replaceChildren(head, ...rows);
  }

  sharing(part, set) {
    const count = set.members.length;
    const prefix = this.model.parts.length > 1 ? `${part.name}: ` : "";
    const sets = part.count === 1 ? "the only set" : `one of ${part.count} such sets`;
    const text = count === 1 ? `${prefix}no other cell shares its statistics: 1 cell, which is its own mean` : `${prefix}${count} of ${this.model.y.length} cells share these statistics, ${sets}`;
    return make("div", "sharing spoken", text);
  }

  row(name, text) {
    const row = make("div", "row spoken");
    row.append(make("span", "name", name), make("span", "sum", ` ${text}`));
    return row;
  }
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".cube");
  root.cube ??= new Cube(root);
  const text = JSON.stringify(data);
  if (text !== root.given) root.cube.show(data);
  if (!root.given) {
    root.cube.open(linkedParts("cube"));
    root.cube.show(data);
  }
  root.given = text;
}
