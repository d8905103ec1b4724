/* The settings, each with bounds that keep every reachable state legal. */

import { bounds, effective, isLegal, range, nearestLegal, withNumber } from "../subject/rules.js";
import { make, makeButton } from "../../shared/dom.js";
import { radioGroup } from "../../shared/radio_group.js";

const MODE_NAMES = { conv: "Convolution", transposed: "Transposed", max: "Max pooling", average: "Average pooling" };
const CONV = ["conv", "transposed"];
const CHANNELS = ["in_channels", "out_channels"]; // groups give way to them
const SIDES = ["height", "width"];
const EDGES = ["top", "bottom", "left", "right"];
/* name, label, the modes that have it (all if not given), names of its places */
const SLIDERS = {
  window: [
    ["kernel", "Kernel size", null, SIDES],
    ["stride", "Stride", null, SIDES],
    ["padding", "Padding", null, EDGES],
    ["dilation", "Dilation", ["conv", "transposed", "max"], SIDES],
    ["output_padding", "Output padding", ["transposed"], SIDES],
  ],
  grids: [
    ["size", "Input size", null, SIDES],
    ["in_channels", "Input channels"],
    ["out_channels", "Output channels", CONV],
  ],
};
const CHOICES = {
  padding_mode: ["Padding mode", ["conv"]],
  groups: ["Groups", CONV],
  picture: ["Input pattern", null],
  weights: ["Kernel pattern", CONV],
};
const SWITCHES = {
  flip: [(mode) => (mode === "conv" ? "True convolution (kernel rotated by 180°)" : "Kernel rotated by 180°"), CONV],
  bias: [() => "Bias", CONV],
  mean: [() => "Divide kernel by its size", CONV],
};

export class Controls {
  /* `change(state)` is told each new legal state. */
  constructor(root, change) {
    Object.assign(this, { root, change });
    this.updates = [];
    this.split = new Set();
    this.addModes();
    this.section("Window", () => {
      SLIDERS.window.slice(0, 3).forEach((slider) => this.addSlider(...slider));
      this.addChoice("padding_mode");
      SLIDERS.window.slice(3).forEach((slider) => this.addSlider(...slider));
    });
    this.section("Sizes and channels", () => {
      SLIDERS.grids.forEach((slider) => this.addSlider(...slider));
      this.addChoice("groups");
    });
    this.section("Values", () => this.addNumbers());
  }

  section(title, fill) {
    const box = make("fieldset");
    box.append(make("legend", "", title));
    this.into = box;
    fill();
    this.root.append(box);
  }

  /* Show a state in every control. */
  show(state) {
    this.state = state;
    for (const update of this.updates) update(state);
  }

  set(patch) {
    this.change(nearestLegal({ ...this.state, ...patch }));
  }

  addModes() {
    const names = FIELDS.mode.choices.map((mode) => [mode, MODE_NAMES[mode]]);
    const group = radioGroup("Mode", names, () => this.state.mode, (mode) => this.set({ mode }), "modes");
    this.updates.push(group.update);
    this.root.append(group);
  }

  addSlider(name, label, modes, places) {
    const row = make("div", "setting");
    const head = make("div", "head");
    head.append(make("span", "", label));
    row.append(head);
    const count = places?.length ?? 1;
    if (places) head.append(this.splitButton(name, label));
    const all = this.oneSlider(name, label, range(count));
    const single = (places ?? []).map((place, at) => this.oneSlider(name, `${label} ${place}`, [at], place));
    row.append(all, ...single);
    this.into.append(row);
    this.updates.push((state) => {
      row.hidden = Boolean(modes && !modes.includes(state.mode));
      const apart = Boolean(places) && (this.split.has(name) || new Set(effective(state)[name]).size > 1);
      row.classList.toggle("apart", apart);
      all.hidden = apart;
      single.forEach((slider, at) => (slider.hidden = !apart || (count === 4 && state.mode !== "conv" && at % 2 === 1)));
    });
  }

  splitButton(name, label) {
    const button = makeButton("split", "", () => {
      const apart = button.getAttribute("aria-pressed") === "true";
      if (apart) {
        this.split.delete(name);
        const even = withNumber(this.state, name, [0, 1, 2, 3], this.state[name][0]);
        this.change(isLegal(even) ? even : nearestLegal(even));
      } else {
        this.split.add(name);
        this.show(this.state);
      }
    });
    this.updates.push((state) => {
      const apart = this.split.has(name) || new Set(effective(state)[name]).size > 1;
      button.setAttribute("aria-pressed", String(apart));
      button.textContent = apart ? "same" : name === "padding" ? "each side" : "h / w";
      button.title = apart ? `${label}: one value for all sides` : `${label}: a value for each side`;
      button.setAttribute("aria-label", button.title);
    });
    return button;
  }

  oneSlider(name, label, places, short = "") {
    const line = make("div", "slide");
    if (short) line.append(make("small", "", short));
    const input = Object.assign(make("input"), { type: "range", step: 1, ariaLabel: label });
    const shown = make("output");
    line.append(input, shown);
    const write = (state) => {
      // Modes that pad both sides alike follow the first of them.
      if (name === "padding" && state.mode !== "conv" && places.length === 1) return [places[0], places[0] + 1];
      return places;
    };
    input.addEventListener("input", () => {
      const next = withNumber(this.state, name, write(this.state), Number(input.value));
      if (isLegal(next) || CHANNELS.includes(name)) this.change(nearestLegal(next));
    });
    this.updates.push((state) => {
      const value = Array.isArray(state[name]) ? state[name][places[0]] : state[name];
      const { low: least, high: most } = FIELDS[name];
      const [low, high] = CHANNELS.includes(name) ? [least, most] : bounds(state, name, write(state));
      Object.assign(input, { min: low, max: Math.max(high, low + 1), value, disabled: low === high });
      input.title = low === high ? "Fixed by the other settings" : `${low} to ${high} with the other settings as they are`;
      shown.textContent = value;
    });
    return line;
  }

  addChoice(name) {
    const [label, modes] = CHOICES[name];
    const line = make("label", "choice");
    line.append(make("span", "", label));
    const select = make("select");
    const { choices, low, high } = FIELDS[name];
    for (const choice of choices ?? range(high - low + 1).map((step) => low + step)) select.add(new Option(choiceLabel(name, choice), choice));
    select.addEventListener("change", () => this.set(chosen(name, choices ? select.value : Number(select.value))));
    line.append(select);
    this.into.append(line);
    this.updates.push((state) => {
      line.hidden = Boolean(modes && !modes.includes(state.mode));
      select.value = state[name];
      for (const option of select.options) option.disabled = !isLegal({ ...state, [name]: choices ? option.value : Number(option.value) });
    });
  }

  addNumbers() {
    this.addChoice("picture");
    this.addChoice("weights");
    this.into.append(makeButton("again", "New random values", () => {
      const random = [this.state.picture, this.state.weights].includes("random") ? {} : { ...chosen("picture", "random") };
      this.set({ ...random, seed: (this.state.seed + 1) % (FIELDS.seed.high + 1) });
    }));
    for (const [name, [label, modes]] of Object.entries(SWITCHES)) this.addSwitch(name, label, modes);
  }

  addSwitch(name, label, modes) {
    const line = make("label", "switch");
    const input = Object.assign(make("input"), { type: "checkbox" });
    input.addEventListener("change", () => this.set({ [name]: input.checked }));
    const words = make("span");
    line.append(input, words);
    this.into.append(line);
    this.updates.push((state) => {
      words.textContent = label(state.mode);
      line.hidden = !modes.includes(state.mode);
      input.checked = state[name];
    });
  }
}

/* Choosing a pattern drops the values typed by hand; a blur is a mean. */
function chosen(name, value) {
  if (name === "picture") return { picture: value, x: "" };
  if (name === "weights") return { weights: value, w: "", mean: value === "blur" };
  return { [name]: value };
}

/* Patterns in sentence case; padding modes are PyTorch's arguments and stay as they are. */
function choiceLabel(name, choice) {
  const text = String(choice);
  return name === "padding_mode" ? text : text[0].toUpperCase() + text.slice(1);
}
