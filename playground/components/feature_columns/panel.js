/* The sum of one cell, in two steps: which maps count how much, then the stepper with every number of the map. */

import { make, makeButton } from "../shared/dom.js";
import { tint } from "../shared/colour.js";
import { onArrows, shareOf, clamp } from "../shared/pointing.js";
import { roundedSum } from "../shared/numbers.js";
import { MapStepper } from "./map_stepper.js";
import { boundOf, frameOver, paintMap } from "./paint.js";
import { placeOf, sumAt } from "./parts.js";

const text = (value, digits = 3) => (value === -Infinity ? "−∞" : value.toFixed(digits).replace("-", "−"));
const signed = (value) => (value < 0 ? `− ${text(-value)}` : `+ ${text(value)}`);

export class CellPanel {
  /* `on.move(row, column)` chooses another cell, `on.numbers(open)` opens or closes the stepper, `on.close()` all. */
  constructor(root, on) {
    Object.assign(this, { root, on });
    this.title = make("h3", "title");
    this.numbers = makeButton("numbers", "", () => on.numbers(!this.open));
    this.close = makeButton("close", "Close", () => on.close());
    this.stepper = new MapStepper((row, column) => this.on.move(row, column));
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
    this.side.append(this.output);
    this.body.append(this.side, this.cards, this.stepper.root);
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

  /* Another map: `parts` of it, undefined while they are on their way, null where there are none. */
  show(name, parts, open, model) {
    Object.assign(this, { name, parts, open, model });
    this.root.hidden = false;
    this.numbers.textContent = open ? "Back to its sources" : "Step through its sums";
    this.numbers.setAttribute("aria-expanded", String(open));
    this.root.classList.toggle("open", open);
    this.numbers.hidden = this.body.hidden = !parts;
    if (!parts) {
      this.title.textContent = name;
      this.sum.textContent = parts === null ? "This map is not a sum of maps that are shown." : "Computing …";
      return;
    }
    this.cards.hidden = open;
    this.stepper.root.hidden = !open;
    if (open) this.stepper.show(parts);
    this.output.setAttribute("aria-label", `${name}: arrow keys choose a cell`);
    this.output.setAttribute("role", "application");
    const values = parts.later.length ? parts.later.at(-1).values : parts.main;
    paintMap(this.canvas, values, parts.rows, parts.columns, boundOf(values));
    this.cards.replaceChildren(...parts.sources.map((source, at) => this.card(source, at)));
    const bounds = parts.sources.map((source) => boundOf(source.values));
    const single = parts.sources.every((source) => source.values.length === 1);
    this.bounds = single ? bounds.map(() => Math.max(...bounds)) : bounds;
    this.side.hidden = parts.rows * parts.columns < 2;
  }

  hide() {
    this.root.hidden = true;
    this.parts = undefined;
    this.stepper.hide();
  }

  card(source, at) {
    const card = make("figure", "card");
    const name = make("figcaption", "", `${this.model.title(source.column)}, map ${source.channel}`);
    const written = source.high * source.wide === 1 && !this.parts.windows;
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

  /* What each source adds to cell (row, column); gives the terms. */
  point(row, column) {
    Object.assign(this, { row, column });
    if (!this.parts) return null;
    const cell = sumAt(this.parts, row, column);
    frameOver(this.mark, [row, column, 1, 1], this.parts.rows, this.parts.columns);
    this.title.textContent = this.side.hidden ? this.name : `${this.name}, row ${row}, column ${column}`;
    for (const card of this.cards.children) {
      card.windowGrid.show(cell.windows[card.at], this.bounds[card.at], "data", this.parts, row, column);
      card.term.textContent = text(cell.terms[card.at]);
      card.classList.toggle("minus", cell.terms[card.at] < 0);
    }
    this.sum.textContent = sumLine(this.parts, cell);
    if (this.open) this.stepper.point(row, column);
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

  show(values, bound, scale, parts, row, column) {
    const { source } = this;
    if (this.kind === "kernel") paintMap(this.canvas, values, source.high, source.wide, bound, scale);
    else {
      if (!this.painted) paintMap(this.canvas, source.values, source.height, source.width, bound, scale);
      this.painted = true;
      const { top, left, high, wide } = placeOf(parts, source, row, column);
      const [down, right] = parts.dilation;
      frameOver(this.frame, [top, left, (high - 1) * down + 1, (wide - 1) * right + 1], source.height, source.width);
    }
  }
}
