/* Mouse, touch and keys on the cells: pointing takes over from the player, leaving gives back, a click pins. All grids
   together are one stop of the Tab key. */

import { clamp, stepOf } from "../../shared/pointing.js";
import { Roving } from "../../shared/roving.js";

const ENDS = { Home: 0, End: -1 };
const GRIDS = { PageUp: -1, PageDown: 1 };

export class Pointing {
  /* `acts`: show(cell, spoken), release(), pick(cell) -> taken?, edit(cell, first letter), editable(cell),
     pinned(cell or null). */
  constructor(board, acts) {
    Object.assign(this, { board, acts, hovered: null, focused: null, pinned: null, waits: false, roving: new Roving() });
    const on = (name, deal) => board.root.addEventListener(name, deal);
    on("pointerover", (event) => this.over(event));
    on("pointermove", (event) => this.moved(event));
    on("pointerleave", () => this.out());
    on("click", (event) => this.click(event));
    on("focusin", (event) => this.focus(event));
    on("focusout", () => this.blur());
    on("keydown", (event) => this.key(event));
  }

  get pointed() {
    return this.pinned ?? this.hovered ?? this.focused;
  }

  over(event) {
    const cell = cellOf(event);
    if (this.waits || !cell || cell === this.hovered) return;
    this.hovered = cell;
    if (!this.pinned) this.settle();
  }

  /* A board that comes to lie under a mouse at rest is pointed at only once the mouse moves: it `waits`. */
  moved(event) {
    if (!this.waits || !(event.movementX || event.movementY)) return;
    this.waits = false;
    this.over(event);
  }

  out() {
    this.hovered = null;
    if (!this.pinned) this.settle();
  }

  focus(event) {
    const cell = cellOf(event);
    if (!cell || !cell.matches(":focus-visible")) return;
    this.roving.enterBy(cell);
    this.focused = cell;
    this.pin(null);
    this.settle(true);
  }

  blur() {
    this.focused = null;
    if (!this.pinned && !this.hovered) this.settle();
  }

  click(event) {
    const cell = cellOf(event);
    if (!cell) return;
    if (this.acts.pick(cell)) return;
    this.roving.enterBy(cell);
    if (this.pinned !== cell) this.pin(cell);
    else if (this.acts.editable(cell)) return this.edit(cell);
    else this.pin(null);
    this.settle(true);
  }

  edit(cell, first) {
    if (cell && this.acts.editable(cell)) this.acts.edit(cell, first);
  }

  key(event) {
    const cell = cellOf(event);
    if (!cell || event.metaKey || event.altKey) return;
    const next = this.next(cell, event);
    if (next) this.roving.move(next);
    else if (event.ctrlKey) return;
    else if (event.key === "Escape") this.escape(cell);
    else if (event.key === " ") this.click(event);
    else if (event.key === "Enter") this.acts.editable(cell) ? this.edit(cell) : this.click(event);
    else if (/^[-.\d]$/.test(event.key)) this.edit(cell, event.key);
    else return;
    event.preventDefault();
  }

  /* The cell that a key leads to, undefined if it leads to none. */
  next({ grid, row, column }, event) {
    if (event.key in GRIDS) {
      const grids = this.board.all;
      return nearestCell(grids[clamp(grids.indexOf(grid) + GRIDS[event.key], 0, grids.length - 1)], row, column);
    }
    if (event.ctrlKey) return event.key in ENDS ? grid.cells.at(ENDS[event.key]) : undefined;
    const step = stepOf(event);
    return step && nearestCell(grid, row + step[0], column + step[1]);
  }

  escape(cell) {
    this.pin(null);
    cell.blur();
    this.settle();
  }

  pin(cell) {
    this.pinned = cell;
    this.acts.pinned(cell);
  }

  /* After the grids were drawn anew: forget cells that are gone, show again the one pointed at. */
  refresh() {
    for (const name of ["hovered", "focused", "pinned"]) if (this[name] && !this[name].isConnected) this[name] = null;
    if (!this.roving.entry?.isConnected) this.roving.enterBy(this.board.all[0].cells[0]);
    this.settle();
  }

  settle(spoken = false) {
    if (this.pointed) this.acts.show(this.pointed, spoken);
    else this.acts.release();
  }
}

const cellOf = (event) => event.target.closest?.(".cell") ?? null;

/* The cell of a grid at a row and a column, or the nearest to it. */
const nearestCell = (grid, row, column) =>
  grid.cells[clamp(row, 0, grid.rows - 1) * grid.columns + clamp(column, 0, grid.columns - 1)];
