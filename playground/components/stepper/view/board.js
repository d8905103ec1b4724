/* The three blocks of grids - input, kernel, output - filled from the numbers, and as large as the room allows. */

import { exact } from "../subject/numbers.js";
import { kernelsOf } from "../subject/arithmetic.js";
import { Grid, dress, make } from "./grid.js";
import { tint } from "./colour.js";

const LARGEST_CELL = 40;
const SMALLEST_CELL = 15;
const TALLEST = 620; // px: what a laptop shows beside the player and the sum
const CAPTION = 24;
const GAP = 14;
const SIGN = 34;
const TITLES = { input: "Input", kernel: "Kernel", output: "Output" };

export class Board {
  constructor() {
    this.root = make("div", "board");
    this.blocks = {};
    this.grids = { input: [], kernel: [], bias: [], output: [] };
    this.signs = { input: make("span", "sign"), kernel: make("span", "sign", "=") };
    for (const name of ["input", "kernel", "output"]) {
      const block = make("section", `block ${name}`);
      block.title_ = make("h4");
      block.body = make("div", "many");
      block.append(block.title_, block.body);
      this.blocks[name] = block;
      this.root.append(block);
      if (this.signs[name]) this.root.append(this.signs[name]);
    }
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
    this.signs.input.textContent = pool ? "→" : plan.turned ? "⊛" : "∗";
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
    const size = (h, w) => `${h} × ${w}`;
    this.blocks.input.title_.textContent = (state.backward ? "dL/dx " : "Input ") + size(plan.height, plan.width);
    const window = plan.pool ? (state.mode === "max" ? "Maximum of " : "Average of ") : "Kernel ";
    const share = state.mean ? `, ÷ ${plan.kernelHeight * plan.kernelWidth}` : "";
    this.blocks.kernel.title_.textContent =
      (state.backward && !plan.pool ? "dL/dw " : window) + size(...state.kernel) + (state.backward ? "" : share);
    this.blocks.output.title_.textContent = (state.backward ? "dL/dy " : "Output ") + size(plan.rows, plan.columns);
  }

  fillInputs({ plan, state, x, grad, bounds }) {
    const area = plan.paddedHeight * plan.paddedWidth;
    this.grids.input.forEach((grid, channel) => {
      const label = state.backward ? `dL/dx[${channel}]` : `x[${channel}]`;
      grid.resize(plan.paddedHeight, plan.paddedWidth, label, `${TITLES.input} channel ${channel}`);
      grid.cells.forEach((cell, at) => {
        const index = channel * area + at;
        const input = plan.source[index];
        const real = this.isReal(plan, cell);
        const value = state.backward ? (real ? grad.dx[input] : 0) : input < 0 ? 0 : x[input];
        const over = state.backward ? grad.dxOver : 100;
        const unread = plan.byCell.start[index] === plan.byCell.start[index + 1];
        const text = real || !state.backward ? this.padText(state, input, value, over) : "";
        dress(cell, text, tint(value / over, bounds.x, "data", !real), `${real ? "" : "pad"}${unread ? " unread" : ""}`);
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

  fillKernels({ plan, state, w, b, grad, bounds }) {
    const area = plan.kernelHeight * plan.kernelWidth;
    for (let map = 0; map < plan.maps; map += 1) {
      kernelsOf(plan, map).forEach(({ channel, offset }, inner) => {
        const grid = this.grids.kernel[map * plan.inputsPerGroup + inner];
        const name = plan.turned ? [channel, map % plan.mapsPerGroup] : [map, inner];
        const label = `${state.backward ? "dL/dw" : "w"}[${name.join(", ")}]`;
        grid.resize(plan.kernelHeight, plan.kernelWidth, label, `${TITLES.kernel} from channel ${channel} to map ${map}`);
        for (let at = 0; at < area; at += 1) {
          const value = state.backward ? grad.dw[offset + at] : w[offset + at];
          const over = state.backward ? grad.dwOver : 100;
          this.put("w", offset + at, grid.cells[at], exact(value, over), tint(value / over, bounds.w, "weight"));
        }
      });
      if (state.bias) this.fillBias(map, state.backward ? grad.db[map] * 100 : b[map], state, bounds);
    }
  }

  fillBias(map, value, state, bounds) {
    const grid = this.grids.bias[map];
    grid.resize(1, 1, `${state.backward ? "dL/db" : "b"}[${map}]`, `Bias of map ${map}`);
    this.put("b", map, grid.cells[0], exact(value, 100), tint(value / 100, bounds.w, "weight"));
  }

  fillPool({ plan, state }) {
    const [grid] = this.grids.kernel;
    const area = plan.kernelHeight * plan.kernelWidth;
    grid.resize(plan.kernelHeight, plan.kernelWidth, state.mode === "max" ? "largest wins" : "all count alike", "Window");
    const text = state.mode === "max" ? "" : exact(1, area);
    grid.cells.forEach((cell, at) => this.put("w", at, cell, text, tint(1 / 2, 1, "weight")));
  }

  put(kind, index, cell, text, colours, classes = "", badge = "") {
    dress(cell, text, colours, classes, badge);
    Object.assign(cell, { kind, index });
    this.at[kind][index] = cell;
  }

  fillOutputs({ plan, state, result, grad, picked, bounds }) {
    const area = plan.rows * plan.columns;
    this.grids.output.forEach((grid, map) => {
      const label = `${state.backward ? "dL/dy" : "y"}[${map}]`;
      grid.resize(plan.rows, plan.columns, label, `${TITLES.output} map ${map}`);
      grid.cells.forEach((cell, at) => {
        const index = map * area + at;
        const value = state.backward ? grad.dy[index] : result.value[index];
        const over = state.backward ? 1 : result.over;
        const badge = plan.turned && !state.backward ? String(plan.hits[index]) : "";
        const classes = `${index === picked && state.backward ? "picked" : ""}`;
        this.put("y", index, cell, exact(value, over), tint(value / over, bounds.y, "data"), classes, badge);
      });
    });
  }

  /* The cell size at which everything fits best, side by side or one block under the other. */
  fit(width) {
    const { plan, state } = this.model;
    const kernelRows = plan.pool ? 1 : plan.maps;
    const kernelColumns = plan.pool ? 1 : plan.inputsPerGroup;
    const bias = state.bias ? 1 : 0;
    const [kh, kw] = state.kernel;
    const sides = [plan.paddedHeight, plan.paddedWidth, plan.rows, plan.columns];
    const beside = besideCell(width, sides, [plan.channels, plan.maps], [kernelRows * kh, kernelColumns * kw + bias],
      [kernelRows, kernelColumns + bias]);
    const under = underCell(width, sides, [plan.channels, plan.maps], [kernelRows, kernelColumns, kh, kw, bias]);
    const cell = Math.max(beside, under);
    this.root.classList.toggle("under", under > beside);
    this.root.style.setProperty("--kernel-columns", kernelColumns + bias);
    this.sizeCells(Math.floor(Math.min(LARGEST_CELL, Math.max(SMALLEST_CELL, cell))));
  }

  sizeCells(cell) {
    this.root.style.setProperty("--c", `${cell}px`);
    this.root.classList.toggle("tiny", cell < 26);
    for (const grids of Object.values(this.grids)) {
      const longest = Math.max(1, ...grids.map((grid) => Math.max(...grid.cells.map((at) => at.shown.length))));
      const font = Math.max(8, Math.min(cell * 0.42, (cell - 3) / (longest * 0.6)));
      const wide = Math.max(cell, Math.ceil(longest * font * 0.6) + 3);
      for (const { root } of grids) root.style.cssText = `--cw:${wide}px;--f:${font.toFixed(1)}px`;
    }
  }
}

/* Blocks side by side, their grids one under the other. */
function besideCell(width, [ih, iw, oh, ow], [channels, maps], [kernelCells, kernelWide], [kernelRows, kernelGrids]) {
  const across = (width - 2 * SIGN - (kernelGrids - 1) * GAP - 8) / (iw + kernelWide + ow);
  const down = Math.min(
    (TALLEST - channels * CAPTION) / (channels * ih),
    (TALLEST - maps * CAPTION) / (maps * oh),
    (TALLEST - kernelRows * CAPTION) / kernelCells,
  );
  return Math.min(across, down);
}

/* Blocks one under the other, the grids of each side by side. */
function underCell(width, [ih, iw, oh, ow], [channels, maps], [kernelRows, kernelColumns, kh, kw, bias]) {
  const perRow = kernelRows * (kernelColumns * kw + bias);
  const grids = kernelRows * (kernelColumns + bias);
  const across = Math.min(
    (width - (channels - 1) * GAP) / (channels * iw),
    (width - (maps - 1) * GAP) / (maps * ow),
    (width - (grids - 1) * GAP) / perRow,
  );
  return Math.min(across, (TALLEST - 3 * CAPTION - 3 * 26) / (ih + kh + oh));
}
