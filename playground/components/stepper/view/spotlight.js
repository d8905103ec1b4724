/* Lights what a cell has to do with, and puts back exactly what it changed. */

import { exact } from "../subject/numbers.js";
import { explain } from "./explain.js";
import { paint } from "./grid.js";
import { tint } from "./colour.js";

const BADGE_LIMIT = 200; // weights written into so many cells at most: more would not be read

export class Spotlight {
  constructor(board, panel) {
    Object.assign(this, { board, panel, lit: [], target: null });
  }

  /* Light the cell and all it meets; `still` moves the frame without gliding. */
  show(model, kind, index, still) {
    this.clear();
    const story = explain(model, kind, index);
    this.board.root.classList.add("focused");
    this.board.root.classList.toggle("still", still);
    const badges = story.lit.length <= BADGE_LIMIT && kind !== "w";
    for (const [of, at, weight, won] of story.lit) this.light(model, of, at, weight, won, badges);
    this.target = this.board.at[kind][index];
    this.target?.classList.add("target", "lit");
    this.frame(model, kind, index, story);
    this.panel.show(model, story);
    return story;
  }

  light(model, kind, index, weight, won, badges) {
    const cell = this.board.at[kind][index];
    if (!cell) return;
    cell.classList.add("lit");
    if (won) cell.classList.add("won");
    if (weight !== null && kind !== "w") {
      paint(cell, (model.weightTints[weight] ??= tint(model.w[weight] / 100, model.weightBound, "weight")));
      if (badges) cell.dataset.times = `×${exact(model.w[weight], 100)}`;
    }
    this.lit.push(cell);
  }

  frame(model, kind, index, story) {
    const { plan } = model;
    const channelArea = plan.paddedHeight * plan.paddedWidth;
    const mapArea = plan.rows * plan.columns;
    const channels = new Set(story.lit.filter(([of]) => of === "x").map(([, at]) => Math.floor(at / channelArea)));
    const maps = new Set(story.lit.filter(([of]) => of === "y").map(([, at]) => Math.floor(at / mapArea)));
    this.board.grids.input.forEach((grid, c) => grid.surround(story.box && channels.has(c) ? story.box : null));
    this.board.grids.output.forEach((grid, m) => grid.surround(story.stamp && maps.has(m) ? story.stamp : null));
  }

  clear() {
    for (const cell of this.lit) {
      cell.classList.remove("lit", "won");
      paint(cell, cell.colours);
      delete cell.dataset.times;
    }
    this.target?.classList.remove("target", "lit");
    this.lit = [];
    this.target = null;
  }

  /* Nothing is pointed at any more. */
  leave() {
    this.clear();
    this.board.root.classList.remove("focused");
    for (const grid of [...this.board.grids.input, ...this.board.grids.output]) grid.surround(null);
  }
}
