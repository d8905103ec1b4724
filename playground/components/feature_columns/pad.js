/* The picture at the left; where it may be drawn on, a soft pen on its cells. */

import { make, makeButton } from "../shared/dom.js";
import { TOUCH, shareOf } from "../shared/pointing.js";
import { paintPixels } from "./paint.js";

const CORE = 1.9; // cells from the pen's line to where nothing is left of it
const STEP = 0.25; // cells between two dots of a line

export class DrawingPad {
  /* `changed()` is called whenever the drawing has. */
  constructor(changed) {
    this.changed = changed;
    this.root = make("div", "pad");
    this.frame = make("div", "picture");
    this.canvas = make("canvas");
    this.field = make("div", "field");
    this.field.hidden = true;
    this.frame.append(this.canvas, this.field);
    this.clear = makeButton("clear", "Clear", () => this.wipe());
    this.hint = make("p", "hint", TOUCH ? "Draw here with a finger." : "Draw here with the mouse.");
    this.root.append(this.frame, this.clear, this.hint);
    this.canvas.addEventListener("pointerdown", (event) => this.begin(event));
    this.canvas.addEventListener("pointermove", (event) => this.go(event));
    for (const end of ["pointerup", "pointercancel"]) this.canvas.addEventListener(end, () => (this.last = null));
  }

  /* Show uint8 pixels of rows x columns; `draws` whether one may draw on them. */
  show(pixels, rows, columns, draws, name) {
    Object.assign(this, { rows, columns, draws });
    this.own = false;
    this.pixels = pixels;
    this.root.classList.toggle("draws", draws);
    this.clear.hidden = this.hint.hidden = !draws;
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", name);
    paintPixels(this.canvas, pixels, rows, columns);
  }

  wipe() {
    this.own = true;
    this.pixels = new Uint8Array(this.rows * this.columns);
    this.finish();
  }

  begin(event) {
    if (!this.draws) return;
    event.preventDefault();
    this.canvas.setPointerCapture?.(event.pointerId);
    if (!this.own) this.pixels = new Uint8Array(this.rows * this.columns);
    this.own = true;
    this.last = this.place(event);
    this.dot(...this.last);
    this.finish();
  }

  go(event) {
    if (!this.last) return;
    const points = event.getCoalescedEvents?.() ?? [];
    for (const point of points.length ? points : [event]) this.line(this.place(point));
    this.finish();
  }

  place(event) {
    const [down, right] = shareOf(event, this.canvas);
    return [down * this.rows - 0.5, right * this.columns - 0.5];
  }

  line([row, column]) {
    const [fromRow, fromColumn] = this.last;
    const steps = Math.ceil(Math.hypot(row - fromRow, column - fromColumn) / STEP);
    for (let at = 1; at <= steps; at += 1)
      this.dot(fromRow + ((row - fromRow) * at) / steps, fromColumn + ((column - fromColumn) * at) / steps);
    this.last = [row, column];
  }

  dot(row, column) {
    for (let r = Math.max(0, Math.ceil(row - CORE)); r <= Math.min(this.rows - 1, row + CORE); r += 1) {
      for (let q = Math.max(0, Math.ceil(column - CORE)); q <= Math.min(this.columns - 1, column + CORE); q += 1) {
        const light = Math.round(255 * Math.min(1, Math.max(0, CORE - Math.hypot(r - row, q - column))));
        this.pixels[r * this.columns + q] = Math.max(this.pixels[r * this.columns + q], light);
      }
    }
  }

  finish() {
    paintPixels(this.canvas, this.pixels, this.rows, this.columns);
    this.changed();
  }
}
