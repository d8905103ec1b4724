/* The panel in which a sum is written out, and the same in words for a screen reader. */

import { tint } from "../../shared/colour.js";

const MANY = 60; // terms from which colours are left out: they would not be read, and cost half a frame
const TERM_WIDTH = 58; // px
const [LINE, PADDING, MOST_LINES] = [1.6, 1.2, 6]; // rem, rem, lines
const SPOKEN = 10; // terms that are read aloud

export class SumPanel {
  /* `most` gives how many lines it may be high, beyond which it scrolls. */
  constructor(root, live, most = () => MOST_LINES) {
    Object.assign(this, { root, live, most });
  }

  /* The same height for every cell of a state, so that nothing below jumps while the mouse moves. */
  fit({ plan, state }, width) {
    const terms = plan.kernelHeight * plan.kernelWidth;
    const channels = plan.pool ? 1 : plan.inputsPerGroup;
    const lines = 2 + channels * Math.ceil((terms * TERM_WIDTH) / Math.max(200, width - 90));
    const most = this.most();
    const least = state.backward || plan.transposed ? 4 : 3;
    this.root.style.height = `${Math.min(most, Math.max(least, lines)) * LINE + PADDING}rem`;
    this.root.tabIndex = lines > most ? 0 : -1; // then the arrow keys scroll it
  }

  show(model, story) {
    const count = story.rows.reduce((total, row) => total + row.terms.length, 0);
    const rows = story.rows.map(
      (row) => `<div class="terms"><b>${row.lead}</b> ${written(model, row, count > MANY)} ${row.tail}</div>`,
    );
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

function written(model, { terms, comma }, bare) {
  const between = comma ? ", " : " + ";
  if (bare) return terms.map(plain).join(between);
  return terms.map((term) => span(model, term)).join(between);
}

function span(model, term) {
  const { left, right, weight, padding, won, to } = term;
  const classes = `term${padding ? " pad" : ""}${won ? " won" : ""}`;
  const product = right === undefined ? left : `${left}×${chip(model, right, weight)}`;
  return `<span class="${classes}">${product}${to ? ` → ${to}` : ""}</span>`;
}

function chip(model, text, weight) {
  if (weight === null) return text;
  const { back, text: colour } = tint(model.w[weight] / 100, model.weightBound, "weight");
  return `<u style="background:${back};color:${colour}">${text}</u>`;
}

