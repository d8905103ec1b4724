/* The panel in which a sum is written out, and the same in words for a screen reader. */

import { tint } from "./colour.js";
import { make } from "./grid.js";

const MANY = 160; // terms from which colours are left out
const SPOKEN = 10; // terms that are read aloud

export class SumPanel {
  constructor() {
    this.root = make("div", "sum");
    this.live = make("div", "unseen");
    this.live.setAttribute("aria-live", "polite");
    this.live.setAttribute("role", "status");
  }

  show(model, story) {
    const rows = story.rows.map((row) => `<div class="terms"><b>${row.lead}</b> ${written(model, row)} ${row.tail}</div>`);
    this.root.innerHTML = `<div class="about"><b class="name">${story.title}</b></div>${rows.join("")}`
      + `<div class="end">${story.end}</div>`;
  }

  announce(story) {
    const rows = story.rows.map((row) => {
      const said = row.terms.length <= SPOKEN
        ? row.terms.map(plain).join(row.comma ? ", " : " + ") : `${row.terms.length} terms`;
      return `${row.lead}: ${said} ${row.tail}`;
    });
    this.live.textContent = [story.title, ...rows, story.end].join(". ");
  }
}

const plain = ({ left, right, to }) => `${right === undefined ? left : `${left} × ${right}`}${to ? ` to ${to}` : ""}`;

function written(model, { terms, comma }) {
  const between = comma ? ", " : " + ";
  if (terms.length > MANY) return terms.map(plain).join(between);
  return terms.map((term) => span(model, term)).join(between);
}

function span(model, term) {
  const { left, right, weight, padding, won, to } = term;
  const classes = `term${padding ? " pad" : ""}${won ? " won" : ""}`;
  const product = right === undefined ? left : `${left}<i>×</i>${chip(model, right, weight)}`;
  return `<span class="${classes}">${product}${to ? `<i>→</i>${to}` : ""}</span>`;
}

function chip(model, text, weight) {
  if (weight === null) return text;
  const { back, text: colour } = tint(model.w[weight] / 100, model.weightBound, "weight");
  return `<u style="background:${back};color:${colour}">${text}</u>`;
}

