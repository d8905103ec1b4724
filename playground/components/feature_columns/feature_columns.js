/* A network as one picture: columns of maps from the image to the class scores, and the sum behind any cell.

   The root element carries `network`, through which tests set an image and read the page. */

import { make, onTheme } from "../shared/dom.js";
import { TOUCH } from "../shared/pointing.js";
import { significant, unpacked } from "../shared/numbers.js";
import { scrolls } from "../shared/scroller.js";
import { MapBoard } from "./board.js";
import { NetworkModel } from "./model.js";
import { DrawingPad } from "./pad.js";
import { CellPanel } from "./panel.js";
import { INPUT_COLUMN } from "./parts.js";
import { frameOver } from "./paint.js";
import { Wires } from "./wires.js";

const PAPER = 660; // px: what an A4 sheet has between its margins
const REST_MS = 400; // a drawing that rests so long is told to the server
const HINT = TOUCH
  ? "Tap a map to see which maps it is made of; tap it again to step through its sums."
  : "Point at a map to read its cells. Click it to see which maps it is made of; click again to step through its sums.";

class NetworkView {
  constructor(root) {
    this.root = root;
    for (const name of ["headline", "hint", "checkpoints", "scroll", "stage", "panel", "unseen", "readout"])
      this[name] = root.querySelector(`.${name}`);
    this.svg = root.querySelector(".wires");
    this.wires = new Wires(this.svg);
    this.pad = new DrawingPad(() => this.drew());
    this.board = new MapBoard({
      point: (element, row, column) => this.point(element, row, column),
      leave: () => this.leave(),
      choose: (element, row, column) => this.choose(element, row, column),
      fold: (stage) => this.fold(stage),
    });
    this.cell = new CellPanel(this.panel, {
      move: (row, column) => this.move(row, column),
      numbers: (open) => this.showNumbers(open),
      close: () => this.release(),
    });
    this.stage.append(this.pad.root, this.board.root);
    this.hint.textContent = HINT;
    root.addEventListener("keydown", (event) => event.key === "Escape" && this.chosen && this.leaveMap());
    new ResizeObserver(() => this.connect()).observe(this.scroll);
    scrolls(this.scroll, "Network");
    onTheme(() => this.model && this.board.paint());
  }

  /* What the server sent. A drawing that is on the pad stays. */
  show(data) {
    const same = this.data?.network === data.network && this.data.draws === data.draws;
    const kept = same && data.draws && this.pad.own ? this.pad.pixels : null;
    const moved = same && this.data.checkpoint === data.checkpoint ? this.model.checkpoint : data.checkpoint;
    this.data = data;
    this.model = new NetworkModel(data);
    if (this.model.programs && moved !== data.checkpoint) this.model.goTo(moved);
    if (!same) this.open = new Set(data.open);
    const { values, height, width } = data.picture;
    if (kept) this.model.take(this.inputOf(kept));
    else this.pad.show(unpacked(values, Uint8Array), height, width, data.draws, data.picture.name);
    this.board.build(this.model, this.open);
    this.root.style.setProperty("--name", Math.max(...this.board.rows.map((row) => row.name_.textContent.length)));
    this.showCheckpoints();
    this.settle();
    if (same && this.chosen) this.rechoose();
    else this.release();
  }

  inputOf(pixels) {
    return { shape: this.model.x.shape, values: Float32Array.from(pixels, (pixel) => pixel / 255) };
  }

  /* The drawing changed: everything follows in the next frame. */
  drew() {
    if (this.waits) return;
    this.waits = requestAnimationFrame(() => {
      this.waits = null;
      this.take(this.pad.pixels);
    });
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.root.tell("drawing", encoded(this.pad.pixels)), REST_MS);
  }

  take(pixels) {
    this.model.take(this.inputOf(pixels));
    this.repaint();
  }

  repaint() {
    this.board.paint();
    this.showHeadline();
    if (this.chosen) this.rechoose();
    clearTimeout(this.naming);
    this.naming = setTimeout(() => this.settle(), REST_MS);
  }

  settle() {
    this.showHeadline();
    this.board.name();
  }

  showHeadline() {
    const { shares, classes } = this.model;
    const best = shares.indexOf(Math.max(...shares));
    const label = this.data.label;
    const truth = label === null || this.pad.own ? "" : label === best ? " (right)" : ` (true class: ${classes[label]})`;
    this.headline.textContent = `${classes[best]}: ${(100 * shares[best]).toFixed(1)} %${truth}`;
  }

  /* The slider over the checkpoints of the training, where they are known. */
  showCheckpoints() {
    const isKnown = this.data.checkpoints.length > 1;
    this.checkpoints.hidden = !isKnown;
    if (!isKnown) return;
    if (!this.slider) {
      this.slider = make("input");
      Object.assign(this.slider, { type: "range", min: 0, step: 1, ariaLabel: "Training" });
      this.moment = make("span", "moment");
      this.checkpoints.replaceChildren(make("span", "", "Training"), this.slider, this.moment);
      this.slider.addEventListener("input", () => this.goTo(Number(this.slider.value)));
    }
    this.slider.max = this.data.checkpoints.length - 1;
    this.labelCheckpoint(this.model.checkpoint);
  }

  /* A network that is not computed here comes from the server, once the slider rests. */
  goTo(checkpoint) {
    this.labelCheckpoint(checkpoint);
    if (this.model.programs) {
      this.model.goTo(checkpoint);
      this.repaint();
      return;
    }
    clearTimeout(this.moving);
    this.moving = setTimeout(() => this.tellView(checkpoint), REST_MS);
  }

  labelCheckpoint(checkpoint) {
    const { title, result } = this.data.checkpoints[checkpoint];
    this.slider.value = checkpoint;
    this.moment.textContent = result ? `${title}: ${result}` : title;
    this.slider.setAttribute("aria-valuetext", this.moment.textContent);
  }

  /* A pointer at a cell: its value, and what of the picture it sees. */
  point(element, row, column) {
    if (this.chosen?.element === element && !this.cell.open) this.move(row, column);
    const { number, channel } = element;
    this.showField(number, row, column);
    const [rows, columns] = this.model.sidesOf(number);
    const [, height, width] = number === INPUT_COLUMN ? this.model.x.shape : this.model.columns[number].shape;
    const at = Math.floor((row * rows) / height) * columns + Math.floor((column * columns) / width);
    const value = this.board.valuesOf(element)?.[number === this.model.last ? 0 : at];
    const cells = rows < height ? `, mean of ${height / rows}×${width / columns} cells` : "";
    const place = height * width > 1 ? `, row ${row}, column ${column}` : "";
    const dead = this.model.isDead(number, channel) ? ` (zero for all ${this.data.tried} images tried)` : "";
    const name = number === this.model.last ? this.model.classes[channel] : `map ${channel}${dead}`;
    this.readout.textContent = `${this.model.title(number)}, ${name}${place}${cells}: ${value === undefined ? "…" : significant(value, 4)}${this.sees}`;
  }

  showField(number, row, column) {
    const spans = number === INPUT_COLUMN ? [[[row, row]], [[column, column]]] : this.model.columns[number].spans;
    const [, height, width] = this.model.x.shape;
    this.sees = "";
    if (!spans) return frameOver(this.pad.field, null);
    const [down, right] = number === INPUT_COLUMN ? [spans[0][0], spans[1][0]] : [spans[0][row], spans[1][column]];
    const box = [down[0], right[0], down[1] - down[0] + 1, right[1] - right[0] + 1];
    this.sees = `. It sees ${box[2]}×${box[3]} pixels of the image`;
    return frameOver(this.pad.field, box, height, width);
  }

  leave() {
    this.readout.textContent = "";
    frameOver(this.pad.field, null);
    if (this.chosen) this.showField(this.chosen.number, this.chosen.row, this.chosen.column);
  }

  /* The first choice of a map shows what it is made of, the second opens the stepper on it. */
  choose(element, row, column) {
    const { number, channel } = element;
    if (number === INPUT_COLUMN) return;
    if (this.chosen?.number === number && this.chosen.channel === channel) {
      if (row !== undefined) this.move(row, column);
      this.showNumbers(true);
      if (row === undefined) this.cell.stepper.focus();
      return;
    }
    const cell = row === undefined ? this.strongest(number, channel) : [row, column];
    this.chosen = { number, channel, element, row: cell[0], column: cell[1] };
    this.numbers = false;
    this.rechoose();
    this.unseen.textContent = `${this.cell.title.textContent}: ${this.cell.sum.textContent}`;
    if (!this.model.program) this.tellView();
  }

  strongest(number, channel) {
    const [, , width] = this.model.columns[number].shape;
    const values = this.model.map(number, channel);
    if (!this.model.program || !values) return [0, 0];
    const at = values.indexOf(Math.max(...values));
    return [Math.floor(at / width), at % width];
  }

  /* Once more what is chosen, with the numbers of now. */
  rechoose() {
    const { number, channel } = this.chosen;
    const element = this.board.element(number, channel);
    if (!element) return this.release();
    this.chosen.element = element;
    const parts = this.model.parts(number, channel);
    const name = number === this.model.last ? `${this.model.title(number)}, ${this.model.classes[channel]}` : `${this.model.title(number)}, map ${channel}`;
    this.sources = parts ? parts.sources.map((source) => this.board.element(source.column, source.channel) ?? this.pictureFor(source)) : [];
    this.board.mark(element, this.sources);
    this.cell.show(name, parts, this.numbers, this.model);
    this.connect();
    return this.move(this.chosen.row, this.chosen.column);
  }

  /* The one channel of a grey image is the picture itself. */
  pictureFor({ column }) {
    return column === INPUT_COLUMN ? this.pad.frame : undefined;
  }

  connect() {
    if (!matchMedia("print").matches) {
      this.tighten();
      this.keepForPaper();
    }
    this.wires.lay(this.chosen || !this.model ? [] : this.board.neighbours(this.pad.frame));
    this.wires.connect(this.sources ?? [], this.chosen?.element.canvas);
    if (this.terms) this.wires.weigh(this.terms);
  }

  /* Columns that do not fit stand closer. */
  tighten() {
    this.stage.classList.remove("tight");
    this.stage.classList.toggle("tight", this.stage.offsetWidth > this.scroll.clientWidth + 1);
  }

  keepForPaper() {
    const width = this.stage.offsetWidth;
    this.stage.style.setProperty("--stage-width", `${width}px`);
    this.stage.style.setProperty("--paper-zoom", Math.min(1, PAPER / width));
  }

  move(row, column) {
    Object.assign(this.chosen, { row, column });
    const { element, number } = this.chosen;
    const [, height, width] = this.model.columns[number].shape;
    frameOver(element.mark, height * width > 1 ? [row, column, 1, 1] : null, height, width);
    this.showField(number, row, column);
    const cell = this.cell.point(row, column);
    this.terms = cell?.terms;
    if (cell) this.wires.weigh(cell.terms);
  }

  showNumbers(open) {
    this.numbers = open;
    this.rechoose();
    this.unseen.textContent = `${this.cell.title.textContent}: ${this.cell.sum.textContent}`;
    if (open) this.panel.scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  /* The keyboard goes back to the map. */
  leaveMap() {
    const { element } = this.chosen;
    this.release();
    element.focus();
  }

  release() {
    this.chosen = this.sources = this.terms = null;
    this.cell.hide();
    this.board.mark(null, []);
    this.connect();
    frameOver(this.pad.field, null);
  }

  fold(stage) {
    if (!this.open.delete(stage)) this.open.add(stage);
    this.release();
    this.board.build(this.model, this.open);
    this.board.name();
    if (!this.model.program) this.tellView();
  }

  /* The server sends what is chosen and what is unfolded. */
  tellView(checkpoint = this.data.checkpoint) {
    const chosen = this.chosen ? [this.chosen.number, this.chosen.channel] : null;
    this.root.tell("view", { chosen, open: [...this.open], network: this.data.network, checkpoint });
  }
}

function encoded(pixels) {
  return btoa(String.fromCharCode(...pixels));
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".feature-columns");
  root.tell = setStateValue;
  root.network ??= new NetworkView(root);
  root.network.show(data);
}
