/* The three blocks of grids - input, kernel, output - filled from the numbers, and as large as the room allows. */

import { exact } from "../subject/numbers.js";
import { channelOf, mapNumber } from "./explain.js";
import { kernelsOf } from "../subject/arithmetic.js";
import { make } from "../../shared/dom.js";
import { Grid, dress } from "./grid.js";
import { colourOf, looks, mix, tint } from "../../shared/colour.js";

const LARGEST_CELL = 40;
const SMALLEST_CELL = 9;
const READABLE = 13; // px: below, a cell shows its colour only
const NO_LETTERS = { input: 0, kernel: 0, bias: 0, output: 0 };
const TALLEST = 620; // px: what a laptop shows beside the player and the sum
const CAPTION = 24;
const GAP = 14;
const SIGN = 34;
const TITLE = 92; // what "Kernel 3×3" needs
const TITLE_LINE = 26;
const [NAME, BIAS_NAME] = [60, 36]; // what "w[0, 0]" and "b[0]" need
const SMALLEST_FONT = 8;
const PADDING_SHADE = [96, 106, 128];
const TITLES = { input: "Input", kernel: "Kernel", output: "Output" };
const HELP =
  "Input, kernel and output. Arrow keys move within a grid, Page Up and Page Down from grid to grid, Home and End in a row; " +
  "Space holds a cell, Enter or a digit changes its number, Escape leaves it.";

export class Board {
  constructor() {
    this.root = make("div", "board");
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", HELP);
    this.blocks = {};
    this.grids = { input: [], kernel: [], bias: [], output: [] };
    this.signs = { input: make("span", "sign"), kernel: make("span", "sign", "=") };
    for (const name of ["input", "kernel", "output"]) {
      const block = make("section", `block ${name}`);
      block.title_ = make("h2");
      block.body = make("div", "many");
      block.append(block.title_, block.body);
      this.blocks[name] = block;
      this.root.append(block);
      if (this.signs[name]) this.root.append(this.signs[name]);
    }
  }

  /* Every grid on the screen. */
  get all() {
    return Object.values(this.grids).flat();
  }

  /* Colours and letters of the page as they are now: a visitor may turn it dark at any moment. */
  get theme() {
    const style = getComputedStyle(this.root);
    return { back: style.getPropertyValue("--back"), accent: style.getPropertyValue("--accent"), font: style.fontFamily };
  }

  /* Show a model: see stepper.js for what it holds. */
  show(model) {
    this.model = model;
    this.at = { x: [], w: [], y: [], b: [] };
    this.arrange(model);
    this.fill(model);
  }

  arrange({ plan, state }) {
    const { pool, maps } = plan;
    const operation = state.backward || pool ? null : operationOf(state);
    this.signs.input.textContent = operation ? operation.sign : state.backward ? "←" : "→";
    this.signs.input.title = operation?.name ?? "";
    this.signs.kernel.textContent = state.backward ? "←" : pool ? "→" : "=";
    this.want("input", plan.channels, this.blocks.input.body);
    this.want("output", maps, this.blocks.output.body);
    const kernels = pool ? 1 : maps * plan.inputsPerGroup;
    this.want("kernel", kernels, this.blocks.kernel.body);
    this.want("bias", state.bias ? maps : 0, this.blocks.kernel.body);
    if (state.bias) this.interleave(maps, plan.inputsPerGroup);
    else this.grids.kernel.forEach((grid) => this.blocks.kernel.body.append(grid.root));
  }

  /* As many grids of a kind as are needed, those there are kept. */
  want(kind, count, parent) {
    const grids = this.grids[kind];
    while (grids.length > count) grids.pop().root.remove();
    while (grids.length < count) {
      grids.push(new Grid(kind));
      parent.append(grids.at(-1).root);
    }
  }

  /* Each output's bias behind its kernels. */
  interleave(maps, inputs) {
    for (let map = 0; map < maps; map += 1) {
      for (let i = 0; i < inputs; i += 1) this.blocks.kernel.body.append(this.grids.kernel[map * inputs + i].root);
      this.blocks.kernel.body.append(this.grids.bias[map].root);
    }
  }

  fill(model) {
    this.fillInputs(model);
    if (model.plan.pool) this.fillPool(model);
    else this.fillKernels(model);
    this.fillOutputs(model);
    this.titles(model);
  }

  titles({ plan, state }) {
    const size = (h, w) => `${h}×${w}`;
    this.blocks.input.title_.textContent = (state.backward ? "dL/dx " : "Input ") + size(plan.height, plan.width);
    const window = plan.pool ? (state.mode === "max" ? "Maximum of " : "Average of ") : "Kernel ";
    const share = state.mean ? `, ÷ ${plan.kernelHeight * plan.kernelWidth}` : "";
    this.blocks.kernel.title_.textContent =
      (state.backward && !plan.pool ? "dL/dw " : window) + size(...state.kernel) + (state.backward ? "" : share);
    this.blocks.output.title_.textContent = (state.backward ? "dL/dy " : "Output ") + size(plan.rows, plan.columns);
  }

  fillInputs(model) {
    const { plan, state, x, grad, bounds } = model;
    const area = plan.paddedHeight * plan.paddedWidth;
    this.grids.input.forEach((grid, channel) => {
      const number = channelOf(model, channel);
      const label = state.backward ? `dL/dx[${number}]` : `x[${number}]`;
      grid.resize(plan.paddedHeight, plan.paddedWidth, label, `${TITLES.input} channel ${number}`);
      grid.cells.forEach((cell, at) => {
        const index = channel * area + at;
        const input = plan.source[index];
        const real = this.isReal(plan, cell);
        const value = state.backward ? (real ? grad.dx[input] : 0) : input < 0 ? 0 : x[input];
        const over = state.backward ? grad.dxOver : 100;
        const unread = plan.byCell.start[index] === plan.byCell.start[index + 1];
        const text = real || !state.backward ? this.padText(state, input, value, over) : "";
        dress(cell, text, real ? tint(value / over, bounds.x) : paddingTint(value / over, bounds.x), `${real ? "" : "pad"}${unread ? " unread" : ""}`);
        Object.assign(cell, { kind: "x", index });
        this.at.x[index] = cell;
      });
    });
  }

  padText(state, input, value, over) {
    return input < 0 && state.mode === "max" ? "−∞" : exact(value, over);
  }

  isReal(plan, cell) {
    const [row, column] = [cell.row - plan.top, cell.column - plan.left];
    return row >= 0 && row < plan.height && column >= 0 && column < plan.width;
  }

  fillKernels(model) {
    const { plan, state, w, b, grad, bounds } = model;
    const area = plan.kernelHeight * plan.kernelWidth;
    for (let map = 0; map < plan.maps; map += 1) {
      kernelsOf(plan, map).forEach(({ channel, offset }, inner) => {
        const grid = this.grids.kernel[map * plan.inputsPerGroup + inner];
        const [from, to] = [channelOf(model, channel), mapNumber(model, map)];
        const own = [to, model.given ? from : inner];
        const name = plan.transposed ? [channel, map % plan.mapsPerGroup] : own;
        const label = `${state.backward ? "dL/dw" : "w"}[${name.join(", ")}]`;
        grid.resize(plan.kernelHeight, plan.kernelWidth, label, `${TITLES.kernel} from input channel ${from} to output channel ${to}`);
        for (let at = 0; at < area; at += 1) {
          const value = state.backward ? grad.dw[offset + at] : w[offset + at];
          const over = state.backward ? grad.dwOver : 100;
          this.put("w", offset + at, grid.cells[at], exact(value, over), tint(value / over, bounds.w, "weight"));
        }
      });
      if (state.bias) this.fillBias(model, map, state.backward ? grad.db[map] * 100 : b[map]);
    }
  }

  fillBias(model, map, value) {
    const [grid, number] = [this.grids.bias[map], mapNumber(model, map)];
    grid.resize(1, 1, `${model.state.backward ? "dL/db" : "b"}[${number}]`, `Bias of output channel ${number}`);
    this.put("b", map, grid.cells[0], exact(value, 100), tint(value / 100, model.bounds.w, "weight"));
  }

  fillPool({ plan, state }) {
    const [grid] = this.grids.kernel;
    const area = plan.kernelHeight * plan.kernelWidth;
    grid.resize(plan.kernelHeight, plan.kernelWidth, state.mode === "max" ? "maximum" : "equal weights", "Window");
    const text = state.mode === "max" ? "" : exact(1, area);
    grid.cells.forEach((cell, at) => this.put("w", at, cell, text, tint(state.mode === "max" ? 0 : 0.5, 1, "weight")));
  }

  put(kind, index, cell, text, colours, classes = "", badge = "") {
    dress(cell, text, colours, classes, badge);
    Object.assign(cell, { kind, index });
    this.at[kind][index] = cell;
  }

  fillOutputs(model) {
    const { plan, state, result, grad, picked, bounds } = model;
    const area = plan.rows * plan.columns;
    this.grids.output.forEach((grid, map) => {
      const number = mapNumber(model, map);
      const label = `${state.backward ? "dL/dy" : "y"}[${number}]`;
      grid.resize(plan.rows, plan.columns, label, `${TITLES.output} channel ${number}`);
      grid.cells.forEach((cell, at) => {
        const index = map * area + at;
        const value = state.backward ? grad.dy[index] : result.value[index];
        const over = state.backward ? 1 : result.over;
        const badge = plan.transposed && !state.backward ? String(plan.writeCounts[index]) : "";
        const classes = `${index === picked && state.backward ? "picked" : ""}`;
        this.put("y", index, cell, exact(value, over), tint(value / over, bounds.y, "data"), classes, badge);
      });
    });
  }

  /* The cell size at which everything fits best, side by side or one block under the other. */
  fit(width, tallest = TALLEST) {
    const { plan, state } = this.model;
    const kernels = plan.pool ? [1, 1] : [plan.maps, plan.inputsPerGroup];
    const plans = {
      width, pool: plan.pool, kernels, bias: state.bias ? 1 : 0, kernel: state.kernel, channels: plan.channels, maps: plan.maps,
      input: [plan.paddedHeight, plan.paddedWidth], output: [plan.rows, plan.columns],
      letters: Object.fromEntries(Object.entries(this.grids).map(([kind, grids]) => [kind, longestText(grids)])),
    };
    const { cell, beside } = bestSize(plans, tallest);
    this.root.classList.toggle("under", !beside);
    this.root.style.setProperty("--kernel-columns", kernels[1] + plans.bias);
    this.sizeCells(cell, cell < READABLE ? NO_LETTERS : plans.letters);
  }

  sizeCells(cell, letters) {
    this.root.style.setProperty("--c", `${cell}px`);
    this.root.classList.toggle("tiny", cell < 26);
    this.mute = cell < READABLE; // too small for numbers: the pointed one is read in the sum
    this.root.classList.toggle("mute", this.mute);
    for (const [kind, grids] of Object.entries(this.grids)) {
      const [wide, font] = cellWidth(cell, letters[kind]);
      for (const { root, overlay, columns, rows } of grids) {
        root.style.cssText = `--cw:${wide}px;--f:${font.toFixed(1)}px`;
        overlay.resize(wide, cell, columns, rows, this.mute ? 0 : font);
      }
    }
  }
}

/* x ⋆ w leaves the kernel as it is, x ∗ w rotates it by 180°. A transposed convolution stamps the kernel as it is onto
   the output, which is x ∗ w. */
function operationOf({ mode, flip }) {
  const convolves = (mode === "transposed") !== flip;
  return convolves ? { sign: "∗", name: "convolution" } : { sign: "⋆", name: "cross-correlation" };
}

const paddingTint = (value, bound) => looks(mix(colourOf(value, bound), PADDING_SHADE, 0.38));

const longestText = (grids) =>
  grids.reduce((most, grid) => grid.cells.reduce((longest, { shown }) => Math.max(longest, shown.length), most), 1);

/* Width and font of a cell of some height that has to hold so many letters. */
function cellWidth(cell, letters) {
  if (letters === 0) return [cell, SMALLEST_FONT];
  const font = Math.max(SMALLEST_FONT, Math.min(cell * 0.42, (cell - 4) / (letters * 0.6)));
  return [Math.max(cell, Math.ceil(letters * font * 0.6) + 4), font];
}

/* The largest cell at which all is in sight, side by side if that is no smaller; else the smallest readable one that
   needs no more than two screens, else one without numbers. */
function bestSize(plans, screen) {
  for (const [least, tallest] of [[READABLE, screen], [READABLE, 2 * screen], [SMALLEST_CELL, 2 * screen]]) {
    const tried = { ...plans, letters: least < READABLE ? NO_LETTERS : plans.letters };
    for (let cell = LARGEST_CELL; cell >= least; cell -= 1) {
      if (fits(besideSize(tried, cell), plans.width, tallest)) return { cell, beside: true };
      if (fits(underSize(tried, cell), plans.width, tallest)) return { cell, beside: false };
    }
  }
  return { cell: SMALLEST_CELL, beside: false };
}

const fits = ([wide, tall], width, tallest) => wide <= width && tall <= tallest;

/* Width and height with the blocks side by side, their grids one under the other. */
function besideSize({ input, output, kernel, kernels, bias, channels, maps, letters, pool }, cell) {
  const [wide, kernelWide] = widths(cell, letters);
  const kernelGrid = Math.max(NAME, kernel[1] * kernelWide);
  const kernelBlock = kernels[1] * kernelGrid + bias * (Math.max(BIAS_NAME, wide.bias) + GAP) + (kernels[1] - 1) * GAP;
  const blocks = [input[1] * wide.input, Math.max(kernelBlock, pool ? 2 * TITLE - 60 : TITLE), output[1] * wide.output];
  const across = Math.max(TITLE, blocks[0]) + blocks[1] + Math.max(TITLE, blocks[2]) + 2 * SIGN + 4;
  const rows = [[channels, input[0]], [kernels[0], kernel[0]], [maps, output[0]]];
  return [across, TITLE_LINE + Math.max(...rows.map(([count, side]) => count * (side * cell + CAPTION)))];
}

/* Width and height with one block under the other, the grids of each side by side and wrapped. */
function underSize({ width, input, output, kernel, kernels, bias, channels, maps, letters }, cell) {
  const [wide, kernelWide] = widths(cell, letters);
  const grids = kernels[0] * (kernels[1] + bias);
  const blocks = [
    [channels, input[1] * wide.input, input[0]],
    [grids, Math.max(NAME, kernel[1] * kernelWide), kernel[0]],
    [maps, output[1] * wide.output, output[0]],
  ];
  const lines = blocks.map(([count, each]) => Math.ceil(count / Math.max(1, Math.floor((width + GAP) / (each + GAP)))));
  const tall = blocks.map(([, , rows], at) => lines[at] * (rows * cell + CAPTION) + TITLE_LINE);
  return [Math.max(...blocks.map(([, each]) => each)) + 4, tall.reduce((sum, block) => sum + block, 0)];
}

function widths(cell, letters) {
  const wide = Object.fromEntries(Object.entries(letters).map(([kind, count]) => [kind, cellWidth(cell, count)[0]]));
  return [wide, wide.kernel];
}
