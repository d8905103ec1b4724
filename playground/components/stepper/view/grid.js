/* One grid of cells with its caption, a frame that glides over it and a curtain over what is not computed yet. */

import { make } from "../../shared/dom.js";
import { Overlay } from "./overlay.js";

export class Grid {
  constructor(kind) {
    this.kind = kind;
    this.cells = [];
    this.rows = this.columns = 0;
    this.root = make("figure", `grid ${kind}`);
    this.caption = make("figcaption");
    this.body = make("div", "cells");
    this.table = make("div", "table");
    this.table.setAttribute("role", "grid");
    this.frame = make("div", "frame");
    this.curtains = [make("div", "curtain"), make("div", "curtain")];
    this.overlay = new Overlay();
    this.body.append(this.table, this.overlay.canvas, this.frame, ...this.curtains);
    this.root.append(this.caption, this.body);
  }

  /* Make it rows x columns; cells that are there already are kept. */
  resize(rows, columns, caption, label) {
    if (this.caption.textContent !== caption) this.caption.textContent = caption;
    this.table.setAttribute("aria-label", label);
    if (rows === this.rows && columns === this.columns) return;
    [this.rows, this.columns] = [rows, columns];
    this.cells = [];
    this.table.replaceChildren();
    for (let r = 0; r < rows; r += 1) {
      const row = make("div", "row");
      row.setAttribute("role", "row");
      for (let q = 0; q < columns; q += 1) {
        const cell = make("div", "cell");
        cell.setAttribute("role", "gridcell");
        cell.tabIndex = -1;
        Object.assign(cell, { grid: this, row: r, column: q });
        this.cells.push(cell);
        row.append(cell);
      }
      this.table.append(row);
    }
  }

  /* Draw the frame around rows and columns that the window covers; nothing hides it. */
  surround(box) {
    this.frame.classList.toggle("on", Boolean(box));
    if (!box) return;
    const [top, left, rows, columns] = box;
    const text = `--r:${top};--q:${left};--h:${rows};--w:${columns}`;
    if (this.framed !== text) this.frame.style.cssText = this.framed = text;
  }

  /* Cover the cells behind the given one in reading order; -1 covers all, nothing none. */
  cover(place) {
    const [rest, below] = this.curtains;
    const on = place !== undefined && place < this.cells.length - 1;
    if (!on && !this.covered) return;
    this.covered = on;
    for (const curtain of this.curtains) curtain.classList.toggle("on", on);
    if (!on) return;
    const row = Math.floor(place / this.columns);
    const column = place - row * this.columns + 1;
    const next = place < 0 ? 0 : row + 1;
    rest.style.cssText = place < 0 ? "--r:0;--q:0;--h:0;--w:0"
      : `--r:${row};--q:${column};--h:1;--w:${this.columns - column}`;
    below.style.cssText = `--r:${next};--q:0;--h:${this.rows - next};--w:${this.columns}`;
  }
}

/* What a cell shows when nothing points at it. */
export function dress(cell, text, colours, classes, badge = "") {
  if (cell.shown !== text) cell.textContent = cell.shown = text;
  if (cell.colours?.back !== colours.back) {
    cell.style.backgroundColor = colours.back;
    cell.style.color = colours.text;
  }
  cell.colours = colours;
  const name = `cell${classes ? ` ${classes}` : ""}`;
  if (cell.className !== name) cell.className = name;
  if ((cell.dataset.badge ?? "") !== badge) badge ? (cell.dataset.badge = badge) : delete cell.dataset.badge;
}
