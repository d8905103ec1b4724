/* The stepper: settings, player, three blocks of grids, and the sum of the cell that is pointed at.

   All of it lives in the browser; the server hears only of a changed setting or number, once it has rested. The root
   element carries `stepper`, through which tests set a state and read the page. */

import { keepInAddress, linkedParts } from "../shared/address.js";
import { make, makeButton } from "../shared/dom.js";
import { unflat } from "../shared/indices.js";
import { TOUCH } from "../shared/pointing.js";
import { radioGroup } from "../shared/radio_group.js";
import { toolbar } from "../shared/roving.js";
import { fromParams, toParams } from "./subject/rules.js";
import { weightShape, withEdit } from "./subject/patterns.js";
import { constructorLine, sizeLines } from "./subject/code.js";
import { modelOf, paddedPlace } from "./model.js";
import { Board } from "./view/board.js";
import { nameOf } from "./view/explain.js";
import { SumPanel } from "./view/sum.js";
import { Spotlight } from "./view/spotlight.js";
import { Player } from "./view/player.js";
import { Controls } from "./view/controls.js";
import { Editor } from "./view/editing.js";
import { Pointing } from "./view/pointing.js";

const HELD = "held"; // in the address: the cell that is held
const REST_MS = 300; // a setting that rests so long is told to the server
const HINT = TOUCH
  ? "Tap any cell: input, kernel or output. Tap an input or a weight again to change it."
  : "Point at any cell: input, kernel or output. Click to hold it, type to change it.";
const CLICK = TOUCH ? "Tap" : "Click";

class Stepper {
  constructor(root) {
    this.root = root;
    for (const name of ["presets", "top", "hint", "scroll", "facts"]) this[name] = root.querySelector(`.${name}`);
    this.board = new Board();
    this.panel = new SumPanel(root.querySelector(".sum"), root.querySelector(".unseen"));
    this.spotlight = new Spotlight(this.board, this.panel);
    this.player = new Player((place, still) => this.step(place, still));
    this.controls = new Controls(root.querySelector(".controls"), (state) => this.change(state));
    this.editor = new Editor((cell, value) => this.edited(cell, value));
    this.pointing = new Pointing(this.board, {
      show: (cell, spoken) => this.take(cell, spoken),
      release: () => this.player.release(),
      pick: (cell) => this.pick(cell),
      editable: (cell) => this.editable(cell),
      edit: (cell, first) => this.editor.begin(cell, first),
      pinned: (cell) => keepInAddress(HELD, this.root, cell ? [cell.kind, cell.index] : []),
    });
    this.build();
    this.watch();
  }

  build() {
    for (const [name, params] of Object.entries(PRESETS)) this.presets.append(makeButton("preset", name, () => this.open(params)));
    toolbar(this.presets, "Presets");
    const turn = (backward) => this.change({ ...this.state, backward });
    this.directions = radioGroup("Direction", [[false, "Forward"], [true, "Backward"]], () => this.state.backward, turn);
    this.loss = makeButton("loss", "", () => this.change({ ...this.state, picked: "" }));
    this.directions.append(this.loss);
    this.top.append(this.player.root, this.directions);
    this.hint.textContent = HINT;
    this.scroll.append(this.board.root);
  }

  watch() {
    new ResizeObserver(() => {
      if (!this.model) return;
      this.fit();
      this.pointing.settle();
    }).observe(this.scroll);
    new IntersectionObserver(([entry]) => (this.player.seen = entry.isIntersecting)).observe(this.board.root);
  }

  /* The state as the text of a link. */
  get params() {
    return toParams(this.state);
  }

  /* Show a state given as the text of a link, from its beginning. */
  set(params) {
    this.model = null;
    this.pointing.pin(null);
    this.draw(fromParams(params));
  }

  /* Hold the cell that a link names; none where there is no such cell. */
  holdCell(kind, index) {
    const cell = [...this.board.root.querySelectorAll(".cell")].find((one) => one.kind === kind && String(one.index) === index);
    if (!cell) return;
    this.pointing.pin(cell);
    this.pointing.settle();
  }

  open(params) {
    this.set(params);
    if (!this.player.playing && !this.player.calm.matches) this.player.toggle();
    this.report();
  }

  change(state) {
    this.draw(state);
    this.report();
  }

  report() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.root.tell(this.params), REST_MS);
  }

  draw(state) {
    const before = this.model;
    this.spotlight.leave();
    this.state = state;
    this.model = modelOf(state, before);
    this.board.show(this.model);
    this.fit();
    this.controls.show(state);
    this.showFacts();
    this.directions.update();
    const same = before?.key === this.model.key && before.state.backward === state.backward;
    this.count = this.walksInputs ? this.model.x.length : this.model.result.value.length;
    if (!same) this.player.restart(this.count);
    this.pointing.refresh();
    if (this.touched) this.hint.textContent = this.note();
  }

  /* What the marks on the present grids mean. */
  note() {
    const { plan, state } = this.model;
    if (this.board.mute) return "Too many cells to show their numbers: choose one to read it.";
    if (state.backward) return `${CLICK} an output cell to use it alone as the loss L; choose an input or a weight for its gradient.`;
    if (plan.transposed) return "The small number counts how often an output cell is written to: uneven counts make the checkerboard.";
    const unread = plan.source.some((_, cell) => plan.byCell.start[cell] === plan.byCell.start[cell + 1]);
    if (unread) return "Hatched cells are not used by any window.";
    if (plan.pool) return "Each window gives one number; there are no weights.";
    return TOUCH ? "Tap an input or a weight again to change it." : "Click a cell to hold it; click again, or type, to change it.";
  }

  fit() {
    this.board.fit(this.scroll.clientWidth - 4);
    this.panel.fit(this.model, this.scroll.clientWidth);
  }

  get walksInputs() {
    return this.model.plan.transposed || this.state.backward;
  }

  showFacts() {
    const { state, picked } = this.model;
    const code = make("code", "line", constructorLine(state));
    this.facts.replaceChildren(code, ...sizeLines(state).map((text) => make("div", "size", text)));
    const name = picked === null ? "sum of all outputs" : nameOf(this.model, "y", picked);
    this.loss.hidden = !state.backward;
    this.loss.textContent = picked === null ? `L = ${name}` : `L = ${name} · use the sum`;
    this.loss.disabled = picked === null;
    this.loss.title = picked === null ? `${CLICK} an output cell to differentiate it alone` : "Back to the sum of all outputs";
  }

  /* One step of the player: an output and its window, or an input and what it touches. */
  step(place, still) {
    if (!this.model || this.pointing?.pointed) return;
    const { plan } = this.model;
    const walks = this.walksInputs;
    const [kind, index] = walks ? ["x", paddedPlace(plan, place)] : ["y", place];
    this.spotlight.show(this.model, kind, index, still ? 0 : this.player.glide, () =>
      this.cover(walks || !this.player.unveils ? undefined : place),
    );
  }

  /* Hide outputs behind the given one, which the player has not reached yet. */
  cover(place) {
    const area = this.model.plan.rows * this.model.plan.columns;
    this.board.grids.output.forEach((grid, map) => {
      const within = place === undefined ? undefined : place - map * area;
      grid.cover(within === undefined || within >= area ? undefined : Math.max(within, -1));
    });
  }

  /* The mouse or a key points at a cell. */
  take(cell, spoken) {
    this.player.hold();
    this.cover(undefined);
    const story = this.spotlight.show(this.model, cell.kind, cell.index);
    if (spoken) this.panel.announce(story);
    if (!this.touched) this.touch();
  }

  /* Hover has been found: the hint makes room for what the marks mean. */
  touch() {
    this.touched = true;
    this.hint.classList.add("found");
    this.hint.textContent = this.note();
  }

  pick(cell) {
    if (!this.state.backward || cell.kind !== "y") return false;
    const { plan, picked } = this.model;
    const place = unflat(cell.index, [plan.maps, plan.rows, plan.columns]).join(".");
    this.change({ ...this.state, picked: picked === cell.index ? "" : place });
    return true;
  }

  /* Inputs (not their padding), weights and biases can be typed over, forward only: gradients are results. */
  editable({ kind, index }) {
    const { plan, state } = this.model;
    if (state.backward || kind === "y") return false;
    return kind === "x" ? index === paddedPlace(plan, Math.max(0, plan.source[index])) && plan.source[index] >= 0 : !plan.pool;
  }

  edited({ kind, index }, hundredths) {
    const { plan } = this.model;
    const shape = { x: [plan.channels, plan.height, plan.width], w: weightShape(this.model.state), b: [plan.maps] }[kind];
    const place = unflat(kind === "x" ? plan.source[index] : index, shape);
    this.change({ ...this.state, [kind]: withEdit(this.state[kind], place, hundredths) });
  }
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".stepper");
  root.tell = (params) => setStateValue("params", params);
  if (root.stepper) return;
  root.stepper = new Stepper(root);
  const held = linkedParts(HELD);
  root.stepper.set(data.params);
  if (held.length) root.stepper.holdCell(...held);
}
