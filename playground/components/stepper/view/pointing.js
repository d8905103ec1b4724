/* Mouse, touch and keys on the cells: pointing takes over from the player, leaving gives back, a click pins. */

import { ARROWS, clamp } from "../../shared/pointing.js";

export class Pointing {
  /* `acts`: show(cell, spoken), release(), pick(cell) -> taken?, edit(cell, first letter), editable(cell),
     pinned(cell or null). */
  constructor(board, acts) {
    Object.assign(this, { board, acts, hovered: null, focused: null, pinned: null });
    const on = (name, deal) => board.addEventListener(name, deal);
    on("pointerover", (event) => this.over(event));
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
    if (!cell || cell === this.hovered) return;
    this.hovered = cell;
    if (!this.pinned) this.settle();
  }

  out() {
    this.hovered = null;
    if (!this.pinned) this.settle();
  }

  focus(event) {
    const cell = cellOf(event);
    if (!cell || !cell.matches(":focus-visible")) return;
    cell.grid.enterBy(cell);
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
    cell.grid.enterBy(cell);
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
    if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
    const { grid, row, column } = cell;
    if (ARROWS[event.key]) {
      const [down, right] = ARROWS[event.key];
      const next = [clamp(row + down, 0, grid.rows - 1), clamp(column + right, 0, grid.columns - 1)];
      this.move(grid.cells[next[0] * grid.columns + next[1]]);
    } else if (event.key === "Home" || event.key === "End") {
      this.move(grid.cells[row * grid.columns + (event.key === "Home" ? 0 : grid.columns - 1)]);
    } else if (event.key === "Escape") this.escape(cell);
    else if (event.key === " ") this.click(event);
    else if (event.key === "Enter") this.acts.editable(cell) ? this.edit(cell) : this.click(event);
    else if (/^[-.\d]$/.test(event.key)) this.edit(cell, event.key);
    else return;
    event.preventDefault();
  }

  move(cell) {
    cell.grid.enterBy(cell);
    cell.focus();
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
    this.settle();
  }

  settle(spoken = false) {
    if (this.pointed) this.acts.show(this.pointed, spoken);
    else this.acts.release();
  }
}

const cellOf = (event) => event.target.closest?.(".cell") ?? null;
