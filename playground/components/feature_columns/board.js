/* The columns: a canvas for each map, and a row for each class at the end. */

import { make, makeButton } from "../shared/dom.js";
import { onArrows, shareOf, clamp } from "../shared/pointing.js";
import { Roving } from "../shared/roving.js";
import { significant } from "../shared/numbers.js";
import { INPUT_COLUMN } from "./parts.js";
import { boundOf, frameOver, paintFilter, paintMap } from "./paint.js";

const TALLEST_COLUMN = 600; // px of a column
const [SMALLEST_MAP, LARGEST_MAP, ONE_CELL] = [30, 64, 18]; // px of a map
const MAP_GAP = 6;
const CLASSES = 10; // shown
const MOST_WIRES = 500;

export class MapBoard {
  /* `on.point(map, row, column)`, `on.leave()`, `on.choose(map, row, column)` and `on.fold(stage)` answer a person. */
  constructor(on) {
    this.on = on;
    this.root = make("div", "columns");
    this.roving = new Roving();
    this.maps = new Map(); // "column.channel" -> its element
    this.root.addEventListener("pointermove", (event) => this.moved(event));
    this.root.addEventListener("pointerleave", () => on.leave());
    this.root.addEventListener("click", (event) => this.clicked(event));
    onArrows(this.root, (down, right) => this.walk(down, right));
  }

  /* The columns of `model` anew; `open` are the stages that are unfolded. */
  build(model, open) {
    Object.assign(this, { model, open });
    this.maps.clear();
    const channels = model.x.shape[0];
    const columns = channels > 1 ? [this.column(INPUT_COLUMN, [...Array(channels).keys()], "channels", channels)] : [];
    for (const number of this.visible()) {
      if (number === model.last) columns.push(this.scores(number));
      else columns.push(this.column(number, model.columns[number].channels, model.title(number)));
    }
    this.root.replaceChildren(...columns);
    this.roving.take([...this.maps.values()]);
    this.paint();
  }

  /* The numbers of the columns that are shown: of a folded stage the last one. */
  visible() {
    const { columns } = this.model;
    return [...columns.keys()].filter((number) => this.open.has(columns[number].stage)
      || columns[number + 1]?.stage !== columns[number].stage);
  }

  column(number, channels, title) {
    const box = make("section", "column");
    const sides = this.model.sidesOf(number);
    const size = sides[1] > 1 ? clamp(TALLEST_COLUMN / channels.length - MAP_GAP, SMALLEST_MAP, LARGEST_MAP) : ONE_CELL;
    box.style.setProperty("--map", `${size}px`);
    box.append(this.head(number, title));
    const maps = make("div", "maps");
    for (const channel of channels) maps.append(this.map(number, channel));
    if (this.model.filter(number, channels[0])) this.addFilters(maps);
    box.append(maps);
    const all = number === INPUT_COLUMN ? channels.length : this.model.columns[number].shape[0];
    if (channels.length < all) box.append(make("div", "more", `the strongest ${channels.length} of ${all}`));
    return box;
  }

  head(number, title) {
    const head = make("header", "head");
    const shape = number === INPUT_COLUMN ? this.model.x.shape : this.model.columns[number].shape;
    head.append(make("span", "title", title), make("span", "shape", shape.join("×")));
    head.title = title;
    const stage = number === INPUT_COLUMN ? undefined : this.model.columns[number].stage;
    const count = this.model.columns.filter((column) => column.stage === stage).length;
    const isLast = number !== INPUT_COLUMN && this.model.columns[number + 1]?.stage !== stage;
    if (count > 1 && isLast && number !== this.model.last) {
      const open = this.open.has(stage);
      const button = makeButton("fold", open ? "fold" : `unfold ${count}`, () => this.on.fold(stage));
      button.setAttribute("aria-expanded", String(open));
      head.append(button);
    }
    return head;
  }

  map(number, channel) {
    const button = makeButton("map", "", () => {});
    Object.assign(button, { number, channel, canvas: make("canvas"), mark: make("span", "mark"), window_: make("span", "window") });
    button.mark.hidden = button.window_.hidden = true;
    button.append(button.canvas, button.window_, button.mark);
    this.maps.set(`${number}.${channel}`, button);
    return button;
  }

  /* Beside each map the filter that makes it from the image. */
  addFilters(maps) {
    maps.classList.add("filtered");
    for (const map of [...maps.children]) {
      map.filter = make("canvas", "filter");
      map.filter.title = `filter ${map.channel}`;
      map.before(map.filter);
    }
  }

  scores(number) {
    const box = make("section", "column scores");
    box.append(this.head(number, this.model.title(number)));
    this.rows = [];
    const rows = make("div", "maps");
    const count = Math.min(CLASSES, this.model.classes.length);
    for (let at = 0; at < count; at += 1) {
      const button = this.map(number, at);
      button.classList.add("score");
      const [name, value, bar, share] = ["name", "value", "bar", "share"].map((part) => make("span", part));
      bar.append(make("i"));
      button.append(name, value, bar, share);
      Object.assign(button, { name_: name, value_: value, bar: bar.firstChild, share });
      rows.append(button);
      this.rows.push(button);
    }
    box.append(rows, make("div", "more", "score → softmax"));
    return box;
  }

  /* The element of a map, if it is shown. */
  element(number, channel) {
    return this.maps.get(`${number}.${channel}`);
  }

  /* Pairs of maps of which one is made of the other, as far as both are shown; `picture` stands for a grey input. */
  neighbours(picture) {
    const pairs = [];
    for (const element of this.maps.values()) {
      const column = this.model.columns[element.number];
      if (!column) continue;
      for (const source of column.sources) {
        const isMapwise = column.kind === "pooling" || column.kind === "addition";
        const all = [...this.maps.values()].filter((one) => one.number === source && (!isMapwise || one.channel === element.channel));
        if (!all.length && source === INPUT_COLUMN) all.push({ canvas: picture });
        for (const one of all) pairs.push([one.canvas, element.canvas]);
      }
    }
    return pairs.length > MOST_WIRES ? [] : pairs;
  }

  paint() {
    this.paintScores();
    const bounds = new Map();
    for (const element of this.maps.values()) {
      const { number, channel, canvas } = element;
      if (!bounds.has(number)) bounds.set(number, this.model.bound(number));
      const values = this.valuesOf(element);
      element.classList.toggle("waiting", !values);
      if (element.filter) paintFilter(element.filter, this.model.filter(number, channel));
      if (!values) continue;
      paintMap(canvas, values, ...(number === this.model.last ? [1, 1] : this.model.sidesOf(number)), bounds.get(number));
      element.classList.toggle("silent", boundOf(values) === 0);
      element.classList.toggle("dead", this.model.isDead(number, channel));
    }
  }

  valuesOf({ number, channel }) {
    if (number === this.model.last) return [this.model.scores[channel]];
    return this.model.map(number, channel);
  }

  /* Many classes: the likeliest, in order; few: all, as they stand. */
  paintScores() {
    if (!this.rows) return;
    const { scores, shares, classes } = this.model;
    const order = [...scores.keys()];
    if (classes.length > CLASSES) order.sort((a, b) => scores[b] - scores[a]);
    const best = shares.indexOf(Math.max(...shares));
    this.rows.forEach((row, at) => {
      this.maps.delete(`${row.number}.${row.channel}`);
      row.channel = order[at];
      row.name_.textContent = row.title = classes[order[at]];
      row.value_.textContent = scores[order[at]].toFixed(2).replace("-", "−");
      row.share.textContent = `${(100 * shares[order[at]]).toFixed(1)} %`;
      row.bar.style.width = `${100 * shares[order[at]]}%`;
      row.classList.toggle("best", order[at] === best);
    });
    for (const row of this.rows) this.maps.set(`${row.number}.${row.channel}`, row);
  }

  /* What a screen reader says of each map; once the values have rested. */
  name() {
    for (const element of this.maps.values()) {
      const values = this.valuesOf(element);
      const where = `${this.model.title(element.number)}, map ${element.channel}`;
      const state = element.classList.contains("dead") ? `, zero for all ${this.model.data.tried} images tried` : "";
      const isClass = element.number === this.model.last;
      element.setAttribute("aria-label", isClass
        ? `${this.model.classes[element.channel]}: score ${element.value_.textContent}, ${element.share.textContent}`
        : `${where}${values ? `, largest value ${significant(Math.max(...values), 3)}` : ""}${state}`);
    }
  }

  /* Mark the chosen map and the maps that it is made of. */
  mark(chosen, sources) {
    this.root.classList.toggle("chosen", Boolean(chosen));
    for (const element of this.maps.values()) {
      const is = element === chosen;
      element.classList.toggle("is-chosen", is);
      element.setAttribute("aria-pressed", String(is));
      element.classList.toggle("is-source", sources.includes(element));
      if (!sources.includes(element)) frameOver(element.window_, null);
      if (!is) frameOver(element.mark, null);
    }
  }

  placeOf(element, event) {
    const sides = element.number === INPUT_COLUMN ? this.model.x.shape.slice(1) : this.model.columns[element.number].shape.slice(1);
    const share = shareOf(event, element.canvas);
    return sides.map((side, axis) => clamp(Math.floor(share[axis] * side), 0, side - 1));
  }

  moved(event) {
    const element = event.target.closest(".map");
    if (element) this.on.point(element, ...this.placeOf(element, event));
    else this.on.leave();
  }

  clicked(event) {
    const element = event.target.closest(".map");
    if (!element) return;
    this.roving.enterBy(element);
    const byKey = event.detail === 0;
    this.on.choose(element, ...(byKey ? [] : this.placeOf(element, event)));
  }

  walk(down, right) {
    const element = this.root.getRootNode().activeElement;
    if (!element?.classList.contains("map")) return;
    const columns = [...this.root.children].map((box) => [...box.querySelectorAll(".map")]);
    const at = columns.findIndex((maps) => maps.includes(element));
    const place = columns[at].indexOf(element);
    const next = columns[clamp(at + Math.sign(right), 0, columns.length - 1)];
    const moved = right ? Math.round((place * (next.length - 1)) / Math.max(1, columns[at].length - 1)) : place + down;
    this.roving.move(next[clamp(moved, 0, next.length - 1)]);
  }
}
