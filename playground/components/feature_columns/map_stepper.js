/* The stepper of the page Convolution on one map of a network, with its true numbers: every cell of a small map, of a
   large one as many around the chosen cell as can be read. Parts are those of parts.js. */

import { make } from "../shared/dom.js";
import { clamp, TOUCH } from "../shared/pointing.js";
import { ColourKey } from "./colour_key.js";
import { placeOf } from "./parts.js";
import { modelOf } from "../stepper/model.js";
import { Board } from "../stepper/view/board.js";
import { Player } from "../stepper/view/player.js";
import { Pointing } from "../stepper/view/pointing.js";
import { Spotlight } from "../stepper/view/spotlight.js";
import { SumPanel } from "../stepper/view/sum.js";

const SIDES = [[1, 12], [3, 9], [6, 7], [12, 6]]; // of so many inputs so long a side is shown, unless a window needs more
const TALLEST_BOARD = 430; // px
const SUM_LINES = [6, 0.42 / 26]; // that many, or a share of the window: lines for each of its pixels
const HUNDREDTHS = 100; // the stepper counts in them
const NOTE = `${TOUCH ? "Tap" : "Point at"} any cell of input, kernel or output: what it is multiplied by and where it goes.`
  + (TOUCH ? "" : " Arrow keys work too.");

export class MapStepper {
  /* `move(row, column)` chooses another cell of the map. */
  constructor(move) {
    this.move = move;
    this.root = make("div", "map-stepper");
    const style = make("style", "", STEPPER_CSS);
    const box = make("div", "stepper");
    this.root.attachShadow({ mode: "open" }).append(style, box);
    [this.scroll, this.sum] = [make("div", "scroll"), make("div", "sum")];
    const live = make("div", "unseen");
    live.setAttribute("aria-live", "polite");
    this.board = new Board();
    this.panel = new SumPanel(this.sum, live, () => Math.max(SUM_LINES[0], Math.floor(SUM_LINES[1] * window.innerHeight)));
    this.spotlight = new Spotlight(this.board, this.panel);
    this.player = new Player((place) => this.stepped(place));
    this.player.playing = false;
    this.player.label();
    this.pointing = new Pointing(this.board, {
      show: (cell, spoken) => this.take(cell, spoken),
      release: () => this.player.held && this.release(),
      pick: () => false,
      editable: () => false,
      edit: () => {},
      pinned: () => {},
    });
    this.scroll.append(this.board.root);
    this.colours = new ColourKey();
    const head = [this.player.root, make("p", "hint found", NOTE), this.colours.root];
    box.append(...head, this.scroll, this.sum, live);
    new ResizeObserver(() => this.fit()).observe(this.scroll);
  }

  /* Another map, or the same one with other values. */
  show(parts) {
    const isSame = this.parts?.number === parts.number && this.parts?.channel === parts.channel;
    Object.assign(this, { parts, model: null, cut: isSame ? this.cut : null });
    this.pointing.waits ||= !isSame;
    this.colours.show(parts);
    const count = parts.rows * parts.columns;
    Object.assign(this.player, { count });
    this.player.scrub.max = count - 1;
    this.player.root.hidden = count < 2;
  }

  hide() {
    this.player.pause();
    this.parts = this.model = null;
  }

  /* Show the sum of a cell of the map, unless somebody points at another. */
  point(row, column) {
    if (!this.parts) return;
    const { rows, columns } = this.parts;
    Object.assign(this, { row, column });
    if (!this.model || !holds(this.cut, row, column)) this.cutAround(row, column);
    this.player.place = row * columns + column;
    this.player.scrub.value = this.player.place;
    this.player.count_.textContent = `${this.player.place + 1} / ${rows * columns}`;
    if (!this.pointing.pointed) this.spotlight.show(this.model, "y", this.index(row, column));
  }

  /* The keyboard goes to the cell that is shown. */
  focus() {
    const cell = this.board.at.y[this.index(this.row, this.column)];
    this.pointing.roving.enterBy(cell);
    cell.focus({ focusVisible: true });
  }

  index(row, column) {
    const { top, left, columns } = this.cut;
    return (row - top) * columns + column - left;
  }

  cutAround(row, column) {
    if (!this.cut || !holds(this.cut, row, column)) this.cut = cutOf(this.parts, row, column);
    this.model = modelOf(stateOf(this.parts, this.cut), null, givenOf(this.parts, this.cut));
    this.spotlight.leave();
    this.board.show(this.model);
    this.title();
    this.fit();
    this.pointing.refresh();
  }

  title() {
    const { parts, cut, board } = this;
    if (!isCut(parts, cut)) return;
    const to = (from, count) => `${from}–${from + count - 1}`;
    board.blocks.output.title_.textContent =
      `Output ${parts.rows}×${parts.columns}, rows ${to(cut.top, cut.rows)}, columns ${to(cut.left, cut.columns)}`;
    board.blocks.input.title_.textContent = "Input, what these cells read";
  }

  fit() {
    if (!this.model || !this.scroll.clientWidth) return;
    this.board.fit(this.scroll.clientWidth - 4, TALLEST_BOARD);
    this.panel.fit(this.model, this.scroll.clientWidth);
    this.pointing.settle();
    if (!this.pointing.pointed) this.spotlight.show(this.model, "y", this.index(this.row, this.column));
  }

  /* A mouse or a key points at a cell; an output is the one that is chosen from now on. */
  take(cell, spoken) {
    this.player.held = true;
    const story = this.spotlight.show(this.model, cell.kind, cell.index);
    if (spoken) this.panel.announce(story);
    if (cell.kind !== "y") return;
    const { top, left, columns } = this.cut;
    const [row, column] = [top + Math.floor(cell.index / columns), left + (cell.index % columns)];
    if (row !== this.row || column !== this.column) this.move(row, column);
  }

  release() {
    this.player.held = false;
    if (this.model) this.point(this.row, this.column);
  }

  stepped(place) {
    if (!this.parts || this.pointing.pointed) return;
    this.move(Math.floor(place / this.parts.columns), place % this.parts.columns);
  }
}

const isCut = (parts, cut) => cut.rows < parts.rows || cut.columns < parts.columns;

const holds = (cut, row, column) =>
  row >= cut.top && row < cut.top + cut.rows && column >= cut.left && column < cut.left + cut.columns;

/* The rows and columns of the output around a cell whose windows fit into what is shown of the input; where windows have
   different sizes, that cell alone. */
function cutOf(parts, row, column) {
  const { rows, columns, stride, dilation, sources, windows } = parts;
  if (windows) return { top: row, left: column, rows: 1, columns: 1 };
  const { high, wide } = placeOf(parts, sources[0], row, column);
  const [, longest] = SIDES.find(([count]) => sources.length <= count) ?? SIDES.at(-1);
  const along = (axis, at, count, kernel) => {
    const length = clamp(Math.floor((longest - reachOf(dilation[axis], kernel)) / stride[axis]) + 1, 1, count);
    return [clamp(at - Math.floor(length / 2), 0, count - length), length];
  };
  const [[top, height], [left, width]] = [along(0, row, rows, high), along(1, column, columns, wide)];
  return { top, left, rows: height, columns: width };
}

const reachOf = (dilation, kernel) => dilation * (kernel - 1) + 1;

/* The padded input that the outputs of a cut read: its place, its sides, its kernel, and how much of it is padding. */
function readBy(parts, cut) {
  const { stride, dilation, padding, sources: [source] } = parts;
  const { top, left, ...kernel } = placeOf(parts, source, cut.top, cut.left);
  const high = (cut.rows - 1) * stride[0] + reachOf(dilation[0], kernel.high);
  const wide = (cut.columns - 1) * stride[1] + reachOf(dilation[1], kernel.wide);
  const ends = [
    padding[0] - top, top + high - (source.height - padding[1]),
    padding[2] - left, left + wide - (source.width - padding[3]),
  ].map((cells) => Math.max(0, cells));
  return { top, left, high, wide, kernel, ends };
}

/* The cut as a state of the stepper. */
function stateOf(parts, cut) {
  const { high, wide, kernel, ends } = readBy(parts, cut);
  return {
    mode: { sum: "conv", maximum: "max", average: "average" }[parts.reduces],
    size: [high - ends[0] - ends[1], wide - ends[2] - ends[3]],
    in_channels: parts.sources.length, out_channels: 1, groups: 1,
    kernel: [kernel.high, kernel.wide], stride: parts.stride, dilation: parts.dilation,
    padding: ends, padding_mode: "zeros", output_padding: [0, 0],
    flip: false, mean: false, bias: parts.bias !== 0, backward: false, picked: "",
  };
}

/* The numbers of the cut, as the stepper's model takes them. */
function givenOf(parts, cut) {
  const read = readBy(parts, cut);
  const { ends } = read;
  const x = [];
  for (const source of parts.sources)
    for (let row = ends[0]; row < read.high - ends[1]; row += 1)
      for (let column = ends[2]; column < read.wide - ends[3]; column += 1)
        x.push(HUNDREDTHS * source.values[(read.top + row) * source.width + read.left + column]);
  const cells = Array.from({ length: cut.rows * cut.columns }, (_, cell) =>
    (cut.top + Math.floor(cell / cut.columns)) * parts.columns + cut.left + (cell % cut.columns));
  return {
    x, w: parts.sources.flatMap(({ kernel }) => Array.from(kernel, (weight) => HUNDREDTHS * weight)),
    b: [HUNDREDTHS * parts.bias],
    rest: parts.rest && cells.map((cell) => parts.rest[cell]), restCount: parts.restCount,
    main: cells.map((cell) => parts.main[cell]),
    later: parts.later.map((layer) => ({ ...layer, values: cells.map((cell) => layer.values[cell]) })),
    channels: parts.sources.map(({ channel }) => channel), map: parts.channel,
    origin: { x: [read.top + ends[0] - parts.padding[0], read.left + ends[2] - parts.padding[2]], y: [cut.top, cut.left] },
    isCut: isCut(parts, cut),
  };
}
