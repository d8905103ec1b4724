/* The normalization cube: point at a cell, and all that share its mean and variance light up.

   Nothing is asked of the server while the pointer moves. The root element carries `cube`, through which tests set a
   state and read the page. */

import { make } from "../stepper/view/dom.js";
import { explain, fixed, hundredths } from "./arithmetic.js";
import { radioGroup } from "./bar.js";
import { facesOf, inside } from "./block.js";
import { looksOf, paintBlocks, paintSquares, prepare } from "./paint.js";
import { squaresOf, widest } from "./pictures.js";
import { flat, modelOf, placeOf } from "./statistics.js";

const START = { yaw: 0.52, pitch: 0.42 };
const STEEPEST = 1.3;
const TURN = 0.12; // a key press, in radians
const VIEWS = { both: "Both", blocks: "Blocks to turn", flat: "Unfolded", cut: "Slice" };
const WALK = { ArrowLeft: [3, -1], ArrowRight: [3, 1], ArrowUp: [2, -1], ArrowDown: [2, 1], PageUp: [1, -1], PageDown: [1, 1] };
const HELP =
  "Arrow keys walk through a picture, Page Up and Page Down through channels, N and Shift N through pictures; " +
  "Shift with an arrow key turns the blocks; Space holds a cell.";

const HINT = window.matchMedia("(hover: none)").matches
  ? "Tap any cell. Drag the blocks sideways to turn them."
  : "Point at any cell. Drag the blocks to turn them; click a cell to hold it. Arrow keys work too.";

class Cube {
  constructor(root) {
    Object.assign(this, { root, view: "both", after: false, cell: 0, held: false, turned: { ...START }, cut: { axis: "N", at: 0 } });
    const bar = make("div", "bar");
    bar.append(this.radios("View", Object.entries(VIEWS), () => this.view, (view) => this.set({ view })));
    this.cutter = this.cutting();
    bar.append(this.cutter);
    bar.append(this.radios("Numbers", [[false, "x before"], [true, "y after"]], () => this.after, (after) => this.set({ after })));
    this.stage = make("div", "stage");
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "application");
    this.stage.setAttribute("aria-label", `The tensor. ${HELP}`);
    this.blocks = make("canvas", "blocks");
    this.flat = make("canvas", "flat");
    this.stage.append(this.blocks, this.flat);
    this.hint = make("p", "hint", HINT);
    this.hint.title = HELP;
    this.panel = make("div", "panel");
    this.live = make("div", "unseen");
    this.live.setAttribute("aria-live", "polite");
    root.append(bar, this.hint, this.stage, this.panel, this.live);
    this.listen();
  }

  radios(...asked) {
    const box = radioGroup(...asked);
    (this.updates ??= []).push(box.update);
    return box;
  }

  cutting() {
    const box = make("div", "cutting");
    this.place = make("input");
    this.place.type = "range";
    this.place.min = 0;
    this.place.setAttribute("aria-label", "Place of the slice");
    this.place.addEventListener("input", () => this.set({ cut: { ...this.cut, at: Number(this.place.value) } }));
    this.placeName = make("output");
    box.append(this.radios("Slice across", [..."NCHW"].map((axis) => [axis, axis]), () => this.cut.axis, (axis) => this.set({ cut: { axis, at: 0 } })));
    box.append(this.place, this.placeName);
    return box;
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
    this.sizes = new ResizeObserver(() => this.model && Math.abs(this.stage.clientWidth - this.drawnWidth) > 2 && this.draw());
    this.sizes.observe(this.stage);
    this.themes = window.matchMedia("(prefers-color-scheme: dark)");
    this.themes.addEventListener("change", () => setTimeout(() => this.model && this.draw(), 100));
  }

  /* A new tensor or another way to normalize; the cell pointed at stays where it can. */
  show(data) {
    const before = this.model?.data.shape;
    this.model = modelOf(data);
    const place = before ? placeOf(this.cell, before) : data.start;
    this.cell = flat(place.map((at, axis) => Math.min(at, data.shape[axis] - 1)), data.shape);
    this.set({ cut: { ...this.cut, at: Math.min(this.cut.at, data.shape["NCHW".indexOf(this.cut.axis)] - 1) } });
    this.explain();
  }

  set(patch) {
    Object.assign(this, patch);
    this.updates.forEach((update) => update());
    this.cutter.hidden = this.view !== "cut";
    const axis = "NCHW".indexOf(this.cut.axis);
    this.place.max = this.model.data.shape[axis] - 1;
    this.place.value = this.cut.at;
    this.placeName.textContent = `${this.model.data.letters[axis].toLowerCase()} = ${this.cut.at}`;
    this.looks = looksOf(this.model, this.after);
    this.draw();
  }

  /* Lay both views out for the room there is, then paint. */
  draw() {
    const width = (this.drawnWidth = this.stage.clientWidth || 300);
    const { shape, letters } = this.model.data;
    const both = this.view === "both";
    const beside = both && width >= 620;
    const flatWide = beside ? Math.min(width * 0.5, widest(shape)) : width;
    const wide = beside ? width - flatWide - 14 : width;
    this.blocks.hidden = !(both || this.view === "blocks");
    this.flat.hidden = this.view === "blocks";
    this.flatScene = squaresOf(shape, letters, flatWide, this.view === "cut" ? this.cut : null);
    const high = both ? (beside ? Math.max(300, Math.min(this.flatScene.height, 460)) : 270) : 440;
    this.blockScene = facesOf(shape, this.turned, wide, high);
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
    if (!this.blocks.hidden) paintBlocks(prepare(this.blocks, wide, high), this.blockScene, this.looks, lit, theme);
    if (!this.flat.hidden) paintSquares(prepare(this.flat, flatWide, this.flatScene.height), this.flatScene, this.looks, lit, theme);
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
      if (this.drag.turning || Math.hypot(right, down) > 4) {
        this.drag.turning = true;
        this.turn(this.drag.yaw - right * 0.01, this.drag.pitch + down * 0.01);
      }
      return;
    }
    if (!this.held) this.point(this.hit(event, canvas));
  }

  press(event, canvas) {
    this.drag = { canvas, x: event.clientX, y: event.clientY, ...this.turned };
    canvas.setPointerCapture(event.pointerId);
  }

  lift(event, canvas) {
    const turned = this.drag?.turning;
    this.drag = null;
    if (turned) return;
    const cell = this.hit(event, canvas);
    if (cell === undefined) return;
    this.hold(!(this.held && cell === this.cell) && event.pointerType === "mouse");
    this.point(cell, true);
  }

  hold(held) {
    this.held = held;
    this.root.classList.toggle("held", held);
    this.hint.textContent = held
      ? "This cell is held: click it again, or press Escape, to let go."
      : HINT;
  }

  turn(yaw, pitch) {
    this.turned = { yaw, pitch: Math.max(-STEEPEST, Math.min(STEEPEST, pitch)) };
    this.draw();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.key.toLowerCase() === "n" ? [0, event.shiftKey ? -1 : 1] : WALK[event.key];
    if (step && event.shiftKey && event.key.startsWith("Arrow")) {
      const across = step[0] === 3;
      this.turn(this.turned.yaw - (across ? step[1] * TURN : 0), this.turned.pitch + (across ? 0 : step[1] * TURN));
    } else if (step) this.walk(...step);
    else if (event.key === " ") this.hold(!this.held);
    else if (event.key === "Escape") this.hold(false);
    else return;
    event.preventDefault();
  }

  walk(axis, by) {
    const { shape } = this.model.data;
    const place = placeOf(this.cell, shape);
    place[axis] = Math.max(0, Math.min(shape[axis] - 1, place[axis] + by));
    const cut = "NCHW".indexOf(this.cut.axis);
    if (this.view === "cut" && axis === cut) this.set({ cut: { ...this.cut, at: place[axis] } });
    this.point(flat(place, shape), true);
  }

  point(cell, spoken = false) {
    if (cell === undefined) return;
    if (cell !== this.cell) {
      this.cell = cell;
      this.paint();
      this.explain();
    }
    if (spoken) this.live.textContent = [...this.panel.querySelectorAll(".spoken")].map((node) => node.textContent).join(". ");
  }

  /* The panel: where the cell is, who shares with it, and its arithmetic. */
  explain() {
    const { data, parts, y } = this.model;
    const place = placeOf(this.cell, data.shape).map((at, axis) => `${data.letters[axis].toLowerCase()} ${at}`).join(", ");
    const head = make("div", "head spoken");
    head.append(make("b", "", `${place}: ${hundredths(data.values[this.cell])} → ${fixed(y[this.cell], 4)}`));
    const rows = explain(this.model, this.cell).flatMap(({ part, set, rows: lines }) => {
      const title = part ? [this.sharing(part, set)] : [];
      return [...title, ...lines.map(([name, text]) => this.row(name, text))];
    });
    this.panel.replaceChildren(head, ...rows);
  }

  sharing(part, set) {
    const count = set.members.length;
    const whose = this.model.parts.length > 1 ? `${part.name}: ` : "";
    const sets = part.count === 1 ? "all there are" : `one of ${part.count} such sets`;
    const text = count === 1 ? `${whose}it shares with nobody: 1 cell, so the value is its own mean` : `${whose}${count} of ${this.model.y.length} cells share these statistics, ${sets}`;
    return make("div", "sharing spoken", text);
  }

  row(name, text) {
    const row = make("div", "row spoken");
    row.append(make("span", "name", name), make("span", "sum", ` ${text}`));
    return row;
  }

  stop() {
    this.sizes.disconnect();
  }
}

export default function ({ data, parentElement }) {
  let root = parentElement.querySelector(".cube");
  if (!root) {
    root = make("div", "cube");
    parentElement.append(root);
    root.cube = new Cube(root);
  }
  const text = JSON.stringify(data);
  if (text !== root.given) root.cube.show(data);
  root.given = text;
  clearTimeout(root.leaving);
  return () => {
    // Called at each new `data` as well: only a root that stays away has really gone.
    root.leaving = setTimeout(() => root.isConnected || root.cube.stop(), 1000);
  };
}
