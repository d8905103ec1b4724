/* The sum of one cell, in two steps: which maps count how much, then every number of it. */

import { make, makeButton } from "../shared/dom.js";
import { tint } from "../shared/colour.js";
import { onArrows, shareOf, clamp } from "../shared/pointing.js";
import { Player } from "../stepper/view/player.js";
import { boundOf, frameOver, paintMap } from "./paint.js";
import { cellOf, roundedSum } from "./parts.js";

const text = (value, digits = 3) => (value === -Infinity ? "−∞" : value.toFixed(digits).replace("-", "−"));
const signed = (value) => (value < 0 ? `− ${text(-value)}` : `+ ${text(value)}`);
const MOST_CELLS = 49; // of a window whose numbers are written

export class CellPanel {
  /* `on.move(row, column)` chooses another cell, `on.numbers(open)` opens or closes its numbers, `on.close()` all. */
  constructor(root, on) {
    Object.assign(this, { root, on });
    this.title = make("h3", "title");
    this.numbers = makeButton("numbers", "", () => on.numbers(!this.open));
    this.close = makeButton("close", "Close", () => on.close());
    this.player = new Player((place) => this.stepped(place));
    this.player.playing = false;
    this.player.label();
    this.output = make("div", "output");
    this.canvas = make("canvas");
    this.mark = make("span", "mark");
    this.output.append(this.canvas, this.mark);
    this.output.tabIndex = 0;
    this.cards = make("div", "cards");
    this.sum = make("p", "total");
    this.bar = make("div", "bar");
    this.bar.append(this.title, this.numbers, this.close);
    this.body = make("div", "body");
    this.side = make("div", "side");
    this.side.append(this.output, this.player.root);
    this.body.append(this.side, this.cards);
    root.append(this.bar, this.sum, this.body);
    this.listen();
  }

  listen() {
    onArrows(this.output, (down, right) => this.stepTo(this.row + down, this.column + right));
    const go = (event) => {
      const [down, right] = shareOf(event, this.canvas);
      this.stepTo(Math.floor(down * this.parts.rows), Math.floor(right * this.parts.columns));
    };
    this.output.addEventListener("pointermove", go);
    this.output.addEventListener("pointerdown", go);
  }

  stepTo(row, column) {
    if (!this.parts) return;
    this.on.move(clamp(row, 0, this.parts.rows - 1), clamp(column, 0, this.parts.columns - 1));
  }

  stepped(place) {
    if (this.parts && !this.silent) this.on.move(Math.floor(place / this.parts.columns), place % this.parts.columns);
  }

  /* Another map: `parts` of it, undefined while they are on their way, null where there are none. */
  show(name, parts, open, model) {
    Object.assign(this, { name, parts, open, model });
    this.root.hidden = false;
    this.numbers.textContent = open ? "Hide the numbers" : "Show every number";
    this.numbers.setAttribute("aria-expanded", String(open));
    this.root.classList.toggle("open", open);
    this.numbers.hidden = this.body.hidden = !parts;
    if (!parts) {
      this.title.textContent = name;
      this.sum.textContent = parts === null ? "This map is not a sum of maps that are shown." : "Computing …";
      return;
    }
    this.player.root.hidden = !open || parts.rows * parts.columns < 2;
    this.output.setAttribute("aria-label", `${name}: arrow keys choose a cell`);
    this.output.setAttribute("role", "application");
    const values = parts.later.length ? parts.later.at(-1).values : parts.main;
    paintMap(this.canvas, values, parts.rows, parts.columns, boundOf(values));
    this.cards.replaceChildren(...parts.sources.map((source, at) => this.card(source, at)));
    const bounds = parts.sources.map((source) => boundOf(source.values));
    const single = parts.sources.every((source) => source.values.length === 1);
    this.bounds = single ? bounds.map(() => Math.max(...bounds)) : bounds;
    this.side.hidden = parts.rows * parts.columns < 2;
    Object.assign(this.player, { count: parts.rows * parts.columns });
    this.player.scrub.max = this.player.count - 1;
  }

  hide() {
    this.root.hidden = true;
    this.parts = undefined;
    if (this.player.playing) this.player.toggle();
  }

  card(source, at) {
    const card = make("figure", "card");
    const name = make("figcaption", "", `${this.model.title(source.column)}, map ${source.channel}`);
    const count = source.high * source.wide;
    const written = count === 1 || (this.open && count <= MOST_CELLS);
    card.windowGrid = written ? new NumberGrid(source.high, source.wide) : new PaintedMap(source, "window");
    const pools = this.parts.reduces !== "sum";
    card.term = make("output", "term");
    card.append(name, card.windowGrid.root);
    if (!pools) {
      card.kernelGrid = written ? new NumberGrid(source.high, source.wide) : new PaintedMap(source, "kernel");
      const bound = boundOf(this.parts.sources.flatMap(({ kernel }) => [boundOf(kernel)]));
      card.kernelGrid.show(source.kernel, bound, "weight", this.parts);
      card.append(make("span", "sign", "×"), card.kernelGrid.root);
    }
    card.append(make("span", "sign", "="), card.term);
    Object.assign(card, { source, at });
    return card;
  }

  /* Every number of cell (row, column); gives the terms. */
  point(row, column) {
    Object.assign(this, { row, column });
    if (!this.parts) return null;
    const cell = cellOf(this.parts, row, column);
    frameOver(this.mark, [row, column, 1, 1], this.parts.rows, this.parts.columns);
    this.title.textContent = this.side.hidden ? this.name : `${this.name}, row ${row}, column ${column}`;
    for (const card of this.cards.children) {
      card.windowGrid.show(cell.windows[card.at], this.bounds[card.at], "data", this.parts, row, column);
      card.term.textContent = text(cell.terms[card.at]);
      card.classList.toggle("minus", cell.terms[card.at] < 0);
    }
    this.sum.textContent = sumLine(this.parts, cell);
    this.silent = true;
    Object.assign(this.player, { place: row * this.parts.columns + column });
    this.player.scrub.value = this.player.place;
    this.player.count_.textContent = `${this.player.place + 1} / ${this.player.count}`;
    this.silent = false;
    return cell;
  }
}

/* The sum in one line, every term of it, then what the layers behind make of it. */
export function sumLine(parts, cell) {
  const later = cell.later.map((layer) => `${laterText(layer)} ${text(layer.value)}`).join(" ");
  if (parts.reduces !== "sum") {
    const word = parts.reduces === "maximum" ? "maximum" : "mean";
    return `${word} of ${cell.windows[0].length} values = ${text(cell.main)} ${later}`.trim();
  }
  const extra = [...(parts.rest ? [cell.rest] : []), ...(parts.bias ? [cell.bias] : [])];
  const { terms, total, rounding } = roundedSum([...cell.terms, ...extra], cell.main);
  const names = [...(parts.rest ? [` (${parts.restCount} other maps)`] : []), ...(parts.bias ? [" (bias)"] : [])];
  const words = terms.map((term, at) => {
    const name = names[at - cell.terms.length] ?? "";
    return `${at ? signed(term) : text(term)}${name}`;
  });
  if (rounding) words.push(`${signed(rounding)} (rounding)`);
  return `${words.join(" ")} = ${text(total)} ${later}`.trim();
}

function laterText({ name, kind, scale, shift }) {
  if (scale === undefined || scale === null) return `→ ${name || kind}:`;
  return `→ ${name || kind} (× ${text(scale)} ${signed(shift)}):`;
}

/* Numbers in cells, in the colours of their values. */
class NumberGrid {
  constructor(rows, columns) {
    this.root = make("div", "grid");
    this.root.style.setProperty("--columns", columns);
    this.cells = Array.from({ length: rows * columns }, () => make("span", "cell"));
    this.root.append(...this.cells);
  }

  show(values, bound, scale) {
    this.cells.forEach((cell, at) => {
      const value = values[at];
      const { back, text: letters } = tint(Number.isFinite(value) ? value : 0, bound, scale);
      cell.textContent = text(value, 2);
      Object.assign(cell.style, { background: back, color: letters });
      cell.title = text(value, 6);
    });
  }
}

/* A whole source with the window framed in it, or a kernel. */
class PaintedMap {
  constructor(source, kind) {
    Object.assign(this, { source, kind });
    this.root = make("div", `painted ${kind}`);
    this.canvas = make("canvas");
    this.frame = make("span", "window");
    this.root.append(this.canvas, this.frame);
    this.frame.hidden = true;
  }

  show(values, bound, scale, { stride, dilation }, row, column) {
    const { source } = this;
    if (this.kind === "kernel") paintMap(this.canvas, values, source.high, source.wide, bound, scale);
    else {
      if (!this.painted) paintMap(this.canvas, source.values, source.height, source.width, bound, scale);
      this.painted = true;
      const box = [row * stride[0], column * stride[1], (source.high - 1) * dilation[0] + 1, (source.wide - 1) * dilation[1] + 1];
      frameOver(this.frame, box, source.height, source.width);
    }
  }
}
