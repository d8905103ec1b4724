/* What a cell has to do with the others: the cells to highlight, the window to frame, and the sum written out. */

import { roundedSum } from "../../shared/numbers.js";
import { bracketed, exact, rounded } from "../subject/numbers.js";
import { kernelsOf, members, slope } from "../subject/arithmetic.js";
import { unflat } from "../../shared/indices.js";
import { weightShape } from "../subject/patterns.js";
import { range } from "../subject/rules.js";

const FEW = 12; // contributions named one by one

/* -> {lit: [[kind, index, weight or null]], target: [kind, index], title, rows: [{lead, terms, tail}], end} */
export function explain(model, kind, index) {
  const story = { target: [kind, index], lit: [], title: "", rows: [], end: "" };
  const tell = { y: aboutOutput, x: aboutInput, w: aboutWeight, b: aboutBias }[kind];
  tell(model, index, story);
  return story;
}

export const nameOf = (model, kind, index) => {
  const { plan, given } = model;
  const [down, right] = given?.origin[kind] ?? [0, 0];
  if (kind === "y") {
    const [map, row, column] = unflat(index, [plan.maps, plan.rows, plan.columns]);
    return `y[${mapNumber(model, map)}, ${row + down}, ${column + right}]`;
  }
  if (kind === "w") {
    const place = unflat(index, plan.pool ? model.state.kernel : weightShape(model.state));
    return `w[${(given && !plan.pool ? [given.map, given.channels[place[1]], ...place.slice(2)] : place).join(", ")}]`;
  }
  if (kind === "b") return `b[${mapNumber(model, index)}]`;
  const [channel, row, column] = unflat(index, [plan.channels, plan.paddedHeight, plan.paddedWidth]);
  return `x[${channelOf(model, channel)}, ${row - plan.top + down}, ${column - plan.left + right}]`;
};

/* Their numbers in a larger layer, where the model is a part of one. */
export const channelOf = ({ given }, channel) => given?.channels[channel] ?? channel;
export const mapNumber = ({ given }, map) => given?.map ?? map;
const shownHere = ({ given }) => (given?.isCut ? " shown here" : "");

const weightOf = (model, tap) => (model.plan.pool ? null : model.plan.tapWeight[tap]);

function aboutOutput(model, o, story) {
  const { plan, state } = model;
  const taps = range(plan.start[o + 1] - plan.start[o]).map((step) => plan.start[o] + step);
  for (const tap of taps) {
    story.lit.push(["x", plan.tapCell[tap], weightOf(model, tap), winning(model, tap)]);
    story.lit.push(["w", plan.tapWeight[tap], weightOf(model, tap)]);
  }
  if (state.bias) story.lit.push(["b", Math.floor(o / (plan.rows * plan.columns)), null]);
  story.box = plan.transposed ? null : windowBox(plan, o);
  if (state.backward) return outputBackward(model, o, story);
  story.title = `${nameOf(model, "y", o)} = ${exact(model.result.value[o], model.result.over)}`;
  if (plan.pool) poolSum(model, o, taps, story);
  else convSum(model, o, taps, story);
}

function winning({ plan, result }, tap) {
  return result.winner ? result.winner[plan.tapOutput[tap]] === tap : false;
}

/* Whether a tap has the value of its window's maximum, be it credited for it or not; padding never has. */
function ties({ plan, x, result }, tap) {
  const input = plan.source[plan.tapCell[tap]];
  return result.winner !== null && input >= 0 && x[input] === result.value[plan.tapOutput[tap]];
}

/* Where the window of an output lies in the padded input: top, left, height, width. */
function windowBox(plan, o) {
  const { stride, dilation, kernel } = plan.state;
  const [, row, column] = unflat(o, [plan.maps, plan.rows, plan.columns]);
  const reach = [0, 1].map((axis) => dilation[axis] * (kernel[axis] - 1) + 1);
  return [row * stride[0], column * stride[1], ...reach];
}

function convSum(model, o, taps, story) {
  const { plan, state, w, b, result } = model;
  const map = Math.floor(o / (plan.rows * plan.columns));
  const [sums, values] = [[], []];
  for (const { channel } of kernelsOf(plan, map)) {
    const own = taps.filter((tap) => Math.floor(plan.tapCell[tap] / (plan.paddedHeight * plan.paddedWidth)) === channel);
    const sum = own.reduce((total, tap) => total + model.valueOf(plan.tapCell[tap]) * w[plan.tapWeight[tap]], 0);
    sums.push(exact(sum, 10000));
    values.push(sum / 10000);
    const none = own.length ? "" : "no input contributes here ";
    story.rows.push({ lead: `x[${channelOf(model, channel)}]`, terms: own.map((tap) => product(model, tap)), tail: `${none}= ${sums.at(-1)}` });
  }
  if (model.given) return void (story.end = givenSum(model, o, values));
  const added = sums.map((sum, at) => (at ? bracketed(sum) : sum)).join(" + ");
  const shared = result.share > 1 ? `${sums.length > 1 ? `(${added})` : added} ÷ ${result.share}` : added;
  const bias = state.bias ? ` + ${bracketed(exact(b[map], 100))} (bias)` : "";
  if (shared !== sums[0] || bias) story.end = `${shared}${bias} = ${exact(result.value[o], result.over)}`;
  if (plan.transposed) story.title += `, written ${times(plan.writeCounts[o])}`;
}

/* The sum of a real layer, rounded: what rounding leaves is a term of its own. Then what the layers behind make of it. */
function givenSum({ state, given, b }, o, values) {
  const [rest, bias] = [given.rest ? [given.rest[o]] : [], state.bias ? [b[0] / 100] : []];
  const { terms, total, rounding } = roundedSum([...values, ...rest, ...bias], given.main[o]);
  const names = [...rest.map(() => ` (${given.restCount} other maps)`), ...bias.map(() => " (bias)")];
  const words = terms.map((term, at) => (at ? bracketed(rounded(term)) : rounded(term)) + (names[at - values.length] ?? ""));
  if (rounding) words.push(`${bracketed(rounded(rounding))} (rounding)`);
  return `${words.join(" + ")} = ${rounded(total)}${laterWords(given, o)}`;
}

function laterWords({ later }, o) {
  return later.map(({ name, kind, scale, shift, values }) => {
    const line = typeof scale === "number" ? ` (× ${rounded(scale)} + ${bracketed(rounded(shift))})` : "";
    return ` → ${name || kind}${line}: ${rounded(values[o])}`;
  }).join("");
}

const times = (count) => (count === 1 ? "once" : `${count} times`);

function product(model, tap) {
  const { plan, w } = model;
  const cell = plan.tapCell[tap];
  return {
    left: bracketed(exact(model.valueOf(cell), 100)),
    right: bracketed(exact(w[plan.tapWeight[tap]], 100)),
    weight: plan.tapWeight[tap], padding: plan.source[cell] < 0,
  };
}

function poolSum(model, o, taps, story) {
  const { plan, state, result } = model;
  const value = exact(result.value[o], result.over);
  const terms = taps.map((tap) => {
    const padding = plan.source[plan.tapCell[tap]] < 0;
    const text = padding && state.mode === "max" ? "−∞" : exact(model.valueOf(plan.tapCell[tap]), 100);
    return { left: state.mode === "max" ? text : bracketed(text), weight: null, padding, won: winning(model, tap) };
  });
  if (state.mode === "max") {
    const equal = taps.filter((tap) => ties(model, tap)).length;
    story.rows.push({ lead: "max of", terms, tail: "", comma: true });
    if (equal > 1) story.end = `${equal} cells of this window are the maximum: backward, PyTorch credits the first (marked).`;
    if (model.given?.later.length) story.end += laterWords(model.given, o);
    return;
  }
  const sum = taps.reduce((total, tap) => total + model.valueOf(plan.tapCell[tap]), 0);
  story.rows.push({ lead: "sum", terms, tail: `= ${exact(sum, 100)}` });
  story.end = `${exact(sum, 100)} ÷ ${result.share} = ${value}${model.given ? laterWords(model.given, o) : ""}`;
}

function outputBackward(model, o, story) {
  const gradient = exact(model.grad.dy[o]);
  story.title = `dL/d${nameOf(model, "y", o)} = ${gradient}`;
  const { mode } = model.state;
  story.end = !model.grad.dy[o]
    ? "L does not depend on this cell: no gradient flows back through it."
    : `L changes by exactly as much as this cell: ${RECEIVES[mode] ?? RECEIVES.conv}`;
}

/* What the cells of a window receive from an output whose gradient is 1. */
const RECEIVES = {
  conv: "each input receives its weight as gradient, each weight its input.",
  max: "its maximum receives the gradient 1 (the first, if several are equal), every other input 0.",
  average: "each input receives 1 divided by the number of cells in the window.",
};

function aboutInput(model, cell, story) {
  const { plan, state } = model;
  const input = plan.source[cell];
  const cells = input < 0 || (state.backward && !isInside(plan, cell)) ? [cell] : plan.copies[input];
  const taps = cells.flatMap((copy) => [...members(plan.byCell, copy)]);
  for (const tap of taps) {
    story.lit.push(["y", plan.tapOutput[tap], weightOf(model, tap), winning(model, tap)]);
    story.lit.push(["w", plan.tapWeight[tap], weightOf(model, tap)]);
  }
  for (const copy of cells) if (copy !== cell) story.lit.push(["x", copy, null]);
  story.stamp = plan.transposed ? stampBox(plan, cell) : null;
  if (state.backward) return inputBackward(model, cell, input, taps, story);
  const shown = input < 0 && state.mode === "max" ? "−∞" : exact(model.valueOf(cell), 100);
  story.title = `${isInside(plan, cell) ? nameOf(model, "x", cell) : "padding"} = ${shown}`;
  if (taps.length) story.title += `, ${plan.transposed ? "stamped onto" : "read by"} ${countOf(taps, plan.tapOutput, "output")}${shownHere(model)}`;
  else story.end = "No window covers this cell: the layer never uses it.";
  if (!plan.pool && taps.length) contributions(model, taps, story);
}

function isInside(plan, cell) {
  const [, row, column] = unflat(cell, [plan.channels, plan.paddedHeight, plan.paddedWidth]);
  return row >= plan.top && row < plan.top + plan.height && column >= plan.left && column < plan.left + plan.width;
}

const countOf = (taps, keys, name) => {
  const count = new Set(taps.map((tap) => keys[tap])).size;
  return `${count} ${name}${count === 1 ? "" : "s"}`;
};

/* Where a transposed convolution writes an input cell, before the edges are cut off. */
function stampBox(plan, cell) {
  const { stride, dilation, kernel, padding } = plan.state;
  const [, row, column] = unflat(cell, [plan.channels, plan.paddedHeight, plan.paddedWidth]);
  const reach = [0, 1].map((axis) => dilation[axis] * (kernel[axis] - 1) + 1);
  return [row * stride[0] - padding[0], column * stride[1] - padding[2], ...reach];
}

function contributions(model, taps, story) {
  const shown = taps.slice(0, FEW);
  const terms = shown.map((tap) => ({ ...product(model, tap), to: nameOf(model, "y", model.plan.tapOutput[tap]) }));
  const more = taps.length - shown.length;
  story.rows.push({ lead: "adds", terms, tail: more ? `and ${more} more` : "", comma: true });
}

function inputBackward(model, cell, input, taps, story) {
  const { plan, grad, result, w } = model;
  if (!isInside(plan, cell)) {
    story.title = "padding";
    story.end = input < 0 ? "A constant: its gradient is dropped."
      : `A copy of ${nameOf(model, "x", plan.copies[input].find((copy) => isInside(plan, copy)))}: its gradient is added there.`;
    return;
  }
  const value = exact(grad.dx[input], grad.dxOver);
  story.title = `dL/d${nameOf(model, "x", cell)} = ${value}`;
  const terms = taps.map((tap) => ({
    left: exact(grad.dy[plan.tapOutput[tap]]),
    right: bracketed(exact(slope(plan, w, result, tap), plan.pool ? 1 : 100)),
    weight: weightOf(model, tap), padding: false, won: winning(model, tap),
  }));
  const lead = plan.pool ? (result.winner ? "dL/dy × (1 where it is the first maximum)" : "dL/dy × 1") : "dL/dy × w";
  const sum = exact(grad.dx[input], plan.pool ? 1 : 100);
  story.rows.push({ lead, terms, tail: terms.length ? `= ${sum}` : "no output uses it = 0" });
  if (result.share > 1) story.end = `${sum} ÷ ${result.share} = ${value}`;
  const late = new Set(taps.filter((tap) => ties(model, tap) && !winning(model, tap)).map((tap) => plan.tapOutput[tap])).size;
  if (late) story.end = `${late === 1 ? "One window has" : `${late} windows have`} the same maximum earlier: PyTorch credits the first alone.`;
}

function aboutWeight(model, weight, story) {
  const { plan, state, grad } = model;
  const taps = [...members(plan.byWeight, weight)];
  const shown = plan.pool ? null : weight;
  for (const tap of taps) {
    story.lit.push(["x", plan.tapCell[tap], shown, winning(model, tap)]);
    story.lit.push(["y", plan.tapOutput[tap], shown]);
  }
  const used = `used with ${countOf(taps, plan.tapCell, "cell")} for ${countOf(taps, plan.tapOutput, "output")}${shownHere(model)}`;
  if (plan.pool) {
    story.title = `position [${unflat(weight, state.kernel).join(", ")}] of the window`;
    story.end = `${used}. Pooling has no weights to learn.`;
    return;
  }
  const gradient = exact(grad.dw[weight], grad.dwOver);
  story.title = state.backward ? `dL/d${nameOf(model, "w", weight)} = ${gradient}` : nameOf(model, "w", weight);
  if (!state.backward) {
    const share = model.result.share > 1 ? ` ÷ ${model.result.share}` : "";
    story.title += ` = ${exact(model.w[weight], 100)}${share}`;
    story.end = `${used}: the same weight at every position.`;
    return;
  }
  const terms = taps.map((tap) => ({
    left: exact(grad.dy[plan.tapOutput[tap]]), right: bracketed(exact(model.valueOf(plan.tapCell[tap]), 100)),
    weight: null, padding: plan.source[plan.tapCell[tap]] < 0,
  }));
  story.rows.push({ lead: "dL/dy × x", terms, tail: terms.length ? `= ${gradient}` : "no input meets it = 0" });
}

function aboutBias(model, map, story) {
  const { plan, grad, state } = model;
  const area = plan.rows * plan.columns;
  for (let at = 0; at < area; at += 1) story.lit.push(["y", map * area + at, null]);
  story.title = state.backward ? `dL/db[${map}] = ${exact(grad.db[map])}` : `${nameOf(model, "b", map)} = ${exact(model.b[map], 100)}`;
  story.end = state.backward ? "The sum of dL/dy over its channel." : `added to all ${area} cells${shownHere(model)} of output channel ${mapNumber(model, map)}`;
}
