/* Both views on canvas: cells that share statistics in full colour, all others faint. */

import { tint } from "../shared/colour.js";
import { hundredths, minus } from "./arithmetic.js";

const FAINT = 0.13;
const SECOND = 0.5; // in two sets of statistics, the cells that are only in the larger one
const SHADE = ["rgba(0,0,0,0.24)", "rgba(0,0,0,0.1)", ""];

/* Colour and text of every cell, before or after normalization. */
export function looksOf(model, after) {
  const values = after ? model.y : model.data.values.map((value) => value / 100);
  const bound = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return values.map((value, index) => ({
    ...tint(value, bound, "data"),
    words: after ? minus(value.toFixed(2)) : hundredths(model.data.values[index]),
  }));
}

const strength = (lit, index) => (lit.inner.has(index) ? 1 : lit.outer.has(index) ? SECOND : FAINT);

function write(context, words, x, y, room, colour) {
  const size = Math.min(15, room * 0.42, (room * 1.55) / words.length);
  if (size < 7) return;
  context.font = `${size}px ${context.family}`;
  context.fillStyle = colour;
  context.fillText(words, x, y + size * 0.36);
}

function label(context, theme, { text, at, narrow }) {
  context.globalAlpha = 0.8;
  context.fillStyle = theme.text;
  context.font = `12px ${theme.font}`;
  const shown = narrow && context.measureText(text).width > narrow ? text.split(" ").pop() : text;
  context.fillText(shown, ...at);
  context.globalAlpha = 1;
}

function outline(context, corners) {
  context.beginPath();
  corners.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.closePath();
}

export function paintBlocks(context, scene, looks, lit, theme) {
  Object.assign(context, { family: theme.font, textAlign: "center", lineJoin: "round" });
  for (const { index, axis, corners } of scene.faces) {
    const bright = strength(lit, index);
    outline(context, corners);
    context.globalAlpha = bright;
    context.fillStyle = looks[index].back;
    context.fill();
    if (SHADE[axis]) {
      context.fillStyle = SHADE[axis];
      context.fill();
    }
    context.globalAlpha = bright === FAINT ? 0.28 : 0.9;
    context.strokeStyle = bright === FAINT ? theme.text : "rgba(40,48,70,0.75)";
    context.lineWidth = index === lit.cell ? 0 : 0.7;
    context.stroke();
    if (axis === 2 && bright !== FAINT && scene.size >= 20) {
      const [x, y] = [0, 1].map((k) => corners.reduce((sum, corner) => sum + corner[k], 0) / 4);
      context.globalAlpha = 1;
      write(context, looks[index].words, x, y, scene.size, looks[index].text);
    }
  }
  context.globalAlpha = 1;
  for (const { index, corners } of scene.faces) {
    if (index !== lit.cell) continue;
    outline(context, corners);
    context.strokeStyle = theme.accent;
    context.lineWidth = 2.5;
    context.stroke();
  }
  scene.labels.forEach((each) => label(context, theme, each));
}

export function paintSquares(context, scene, looks, lit, theme) {
  Object.assign(context, { family: theme.font, textAlign: "center" });
  for (const { index, x, y, side } of scene.squares) {
    const bright = strength(lit, index);
    context.globalAlpha = bright;
    context.fillStyle = looks[index].back;
    context.fillRect(x, y, side, side);
    context.globalAlpha = bright === FAINT ? 0.3 : 0.85;
    context.strokeStyle = bright === FAINT ? theme.text : "rgba(40,48,70,0.8)";
    context.lineWidth = 0.6;
    if (side > 4) context.strokeRect(x + 0.5, y + 0.5, side - 1, side - 1);
    if (side >= 16) {
      context.globalAlpha = bright === FAINT ? 0.6 : 1;
      write(context, looks[index].words, x + side / 2, y + side / 2, side, bright === FAINT ? theme.text : looks[index].text);
    }
  }
  context.globalAlpha = 1;
  const here = scene.squares.find(({ index }) => index === lit.cell);
  if (here) {
    context.strokeStyle = theme.accent;
    context.lineWidth = 3;
    context.strokeRect(here.x, here.y, here.side, here.side);
  }
  scene.labels.forEach((each) => label(context, theme, each));
}
