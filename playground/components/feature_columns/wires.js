/* The lines between a map and those it is made of. */

import { makeSvg, setAll } from "../shared/dom.js";

const [THIN, THICK] = [0.8, 5]; // px

export class Wires {
  constructor(root) {
    this.root = root;
    this.paths = [];
    this.web = makeSvg("path", { class: "web" }, root);
  }

  /* From each of the elements `sources` to `target`; none without a target. */
  connect(sources, target) {
    this.root.replaceChildren(this.web);
    this.paths = target ? sources.map((source) => source && this.line(source, target)) : [];
  }

  /* Faint ones between all of `pairs`, under the others. */
  lay(pairs) {
    this.web.remove();
    this.root.prepend(this.web);
    setAll(this.web, { class: "web", d: pairs.map(([source, target]) => this.curve(source, target)).join("") });
  }

  line(source, target) {
    return makeSvg("path", { d: this.curve(source, target), class: "wire" }, this.root);
  }

  curve(source, target) {
    const origin = this.root.getBoundingClientRect();
    const [from, to] = [source.getBoundingClientRect(), target.getBoundingClientRect()];
    const zoom = this.root.currentCSSZoom ?? 1; // on paper
    const [x1, y1] = [(from.right - origin.left) / zoom, (from.top + from.height / 2 - origin.top) / zoom];
    const [x2, y2] = [(to.left - origin.left) / zoom, (to.top + to.height / 2 - origin.top) / zoom];
    const bend = Math.max(20, (x2 - x1) / 2);
    const points = [[x1, y1], [x1 + bend, y1], [x2 - bend, y2], [x2, y2]].map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`);
    return `M${points[0]} C${points.slice(1).join(" ")}`;
  }

  /* As thick as a term counts, in the colour of its sign. */
  weigh(terms) {
    const most = Math.max(...terms.map(Math.abs)) || 1;
    this.paths.forEach((path, at) => {
      if (!path) return;
      const share = Math.abs(terms[at]) / most;
      const sign = terms[at] < 0 ? "minus" : "plus";
      setAll(path, { class: `wire ${sign}`, "stroke-width": (THIN + share * (THICK - THIN)).toFixed(2) });
    });
  }
}
