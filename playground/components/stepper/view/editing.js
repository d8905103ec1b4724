/* Typing a number into an input, kernel or bias cell. */

import { typed } from "../subject/numbers.js";
import { make } from "../../shared/dom.js";

export class Editor {
  /* `commit(cell, hundredths)` is told a legal number. */
  constructor(commit) {
    this.commit = commit;
    this.field = make("input", "edit");
    Object.assign(this.field, { type: "text", inputMode: "decimal", maxLength: 6, autocomplete: "off" });
    this.field.setAttribute("aria-label", "New value, up to two decimals");
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("blur", () => this.close(true));
    this.field.addEventListener("input", () => this.judge());
  }

  get open() {
    return this.field.isConnected;
  }

  /* Open over a cell, with its value or with the first letter that was typed. */
  begin(cell, first) {
    this.cell = cell;
    this.field.value = first ?? cell.shown.replace("−", "-");
    cell.grid.body.append(this.field);
    this.field.style.cssText = `--r:${cell.row};--q:${cell.column}`;
    this.judge();
    this.field.focus();
    if (first === undefined) this.field.select();
  }

  judge() {
    const legal = typed(this.field.value) !== null;
    this.field.setAttribute("aria-invalid", String(!legal));
    this.field.title = legal ? "" : "Enter a number from −99.99 to 99.99 with at most two decimals.";
  }

  key(event) {
    event.stopPropagation();
    if (event.key === "Enter") this.close(true, true);
    if (event.key === "Escape") this.close(false, true);
  }

  close(keep, refocus = false) {
    if (!this.open || this.closing) return;
    this.closing = true; // removing a focused field blurs it
    const value = typed(this.field.value);
    this.field.remove();
    this.closing = false;
    if (keep && value !== null) this.commit(this.cell, value);
    if (refocus) this.cell.focus();
  }
}
