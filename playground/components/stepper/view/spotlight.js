/* Shows what a cell has to do with the others: lights them, frames the window, and writes out the sum. */

import { exact } from "../subject/numbers.js";
import { explain } from "./explain.js";
import { tint } from "../../shared/colour.js";

const SMALL_LIMIT = 200; // weights written into so many cells at most: more would not be read

export class Spotlight {
  constructor(board, panel) {
    Object.assign(this, { board, panel });
  }

  /* Light the cell and all it meets. With `glide` ms the frame moves first, and all else follows when it has arrived. */
  show(model, kind, index, glide = 0, arrived = () => {}) {
    clearTimeout(this.underway);
    const story = (this.story = explain(model, kind, index));
    this.board.root.style.setProperty("--glide", `${glide}ms`);
    this.frame(model, story);
    const arrive = () => {
      this.draw(model, kind, index, story);
      arrived();
    };
    if (glide) this.underway = setTimeout(arrive, glide);
    else arrive();
    return story;
  }

  draw(model, kind, index, story) {
    const few = story.lit.length <= SMALL_LIMIT && !model.given; // three decimals twice find no room in a cell
    const small = (of, at, weight) => (few ? smallText(model, kind, of, at, weight) : "");
    const spots = new Map(this.board.all.map((grid) => [grid, new Map()]));
    for (const [of, at, weight, won] of story.lit) this.light(model, spots, of, at, weight, won, small);
    const target = this.board.at[kind][index];
    const own = spots.get(target.grid);
    own.set(target, { ...(own.get(target) ?? { cell: target, colours: target.colours, small: "" }), marked: true });
    const { theme } = this.board;
    for (const [grid, cells] of spots) grid.overlay.draw([...cells.values()], theme);
    this.panel.show(model, story);
  }

  light(model, spots, kind, index, weight, won, small) {
    const cell = this.board.at[kind][index];
    if (!cell) return;
    const coloured = weight !== null && kind !== "w";
    const colours = coloured ? tintOf(model, weight) : cell.colours;
    const marked = won || spots.get(cell.grid).get(cell)?.marked;
    spots.get(cell.grid).set(cell, { cell, colours, small: small(kind, index, weight), marked });
  }

  frame(model, story) {
    const { plan } = model;
    const channelArea = plan.paddedHeight * plan.paddedWidth;
    const mapArea = plan.rows * plan.columns;
    const touched = { x: new Set(), y: new Set() };
    for (const [kind, at] of story.lit) touched[kind]?.add(Math.floor(at / (kind === "x" ? channelArea : mapArea)));
    this.board.grids.input.forEach((grid, c) => grid.surround(story.box && touched.x.has(c) ? story.box : null));
    this.board.grids.output.forEach((grid, m) => grid.surround(story.stamp && touched.y.has(m) ? story.stamp : null));
  }

  /* Nothing is pointed at any more. */
  leave() {
    clearTimeout(this.underway);
    this.story = null;
    for (const grid of this.board.all) {
      grid.overlay.clear();
      grid.surround(null);
    }
  }
}

/* The other factor, small in a lit cell: the weight that meets it; for the gradient of a weight, the input itself. */
function smallText(model, target, kind, index, weight) {
  if (target === "w") return model.state.backward && kind === "x" ? `x=${exact(model.valueOf(index), 100)}` : "";
  return weight !== null && kind !== "w" ? `×${exact(model.w[weight], 100)}` : "";
}

const tintOf = (model, weight) =>
  (model.weightTints[weight] ??= tint(model.w[weight] / 100, model.weightBound, "weight"));
