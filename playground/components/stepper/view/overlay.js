/* A transparent canvas over a grid, on which the spotlight draws: the cells below are not touched, so a hover costs only
   what it shows. */

import { make, sharpContext } from "../../shared/dom.js";

const VEIL = 0.42;
const SMALL = 0.62; // size of the small number against the cell's own
const ROOM = 26; // px: a smaller cell has no room for the small number
const EDGE = 3;
const [VEILED, SPOTTED] = ["veiled", "spotted"];

export class Overlay {
  constructor() {
    this.canvas = make("canvas", "overlay");
    this.canvas.setAttribute("aria-hidden", "true");
  }

  /* Cells of these many px, so many of them. */
  resize(wide, tall, columns, rows, font) {
    Object.assign(this, { wide, tall, columns, rows, font });
    this.pen = sharpContext(this.canvas, columns * wide, rows * tall);
    this.drawn = null;
  }

  clear() {
    if (this.drawn) this.pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.drawn = null;
  }

  /* Dim everything but the spots: [{cell, colours, small, marked}]. */
  draw(spots, theme) {
    this.theme = theme;
    const { pen, wide, tall } = this;
    const bare = spots.every(({ cell, colours, small, marked }) => colours === cell.colours && !small && !marked);
    if (bare && spots.length === this.columns * this.rows) return this.clear();
    if (spots.length === 0 && this.drawn === VEILED) return;
    this.clear();
    this.drawn = spots.length ? SPOTTED : VEILED;
    pen.globalAlpha = VEIL;
    pen.fillStyle = this.theme.back;
    pen.fillRect(0, 0, this.canvas.width, this.canvas.height);
    pen.globalAlpha = 1;
    for (const { cell, colours } of spots) {
      pen.fillStyle = colours.back;
      pen.fillRect(cell.column * wide, cell.row * tall, wide, tall);
    }
    this.lines(spots);
    this.texts(spots);
    pen.strokeStyle = this.theme.accent;
    pen.lineWidth = EDGE;
    for (const { cell, marked } of spots) if (marked) this.mark(cell);
  }

  lines(spots) {
    const { pen, wide, tall } = this;
    pen.strokeStyle = "rgba(90, 100, 125, 0.42)";
    pen.lineWidth = 1;
    pen.beginPath();
    for (const { cell } of spots) pen.rect(cell.column * wide, cell.row * tall, wide, tall);
    pen.stroke();
  }

  texts(spots) {
    const { pen, wide, tall, font } = this;
    if (!font) return;
    const roomy = tall >= ROOM;
    pen.textBaseline = "middle";
    pen.textAlign = "center";
    pen.font = `${font}px ${this.theme.font}`;
    for (const { cell, colours, small } of spots) {
      pen.fillStyle = colours.text;
      const height = roomy && small ? 0.4 : 0.53;
      pen.fillText(cell.shown, (cell.column + 0.5) * wide, (cell.row + height) * tall);
    }
    if (!roomy) return;
    pen.textAlign = "right";
    pen.font = `${Math.max(9, font * SMALL)}px ${this.theme.font}`;
    for (const { cell, colours, small } of spots) {
      if (!small) continue;
      pen.fillStyle = colours.text;
      pen.fillText(small, (cell.column + 1) * wide - EDGE, (cell.row + 0.8) * tall);
    }
  }

  mark({ row, column }) {
    const { pen, wide, tall } = this;
    pen.strokeRect(column * wide + EDGE / 2, row * tall + EDGE / 2, wide - EDGE, tall - EDGE);
  }
}
