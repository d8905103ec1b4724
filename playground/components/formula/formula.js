/* Formulas as MathML. Only a block that has changed is replaced, and one that is too wide for its place is set smaller. */
import { make } from "../shared/dom.js";

const SMALLEST = 0.62; // of the usual size; what is wider still can be scrolled

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".formula");
  const blocks = (root.blocks ??= begin(root));
  while (blocks.length > data.length) blocks.pop().box.remove();
  while (blocks.length < data.length) blocks.push(add(root));
  const changed = blocks.filter((block, place) => fill(block, data[place]));
  fit(changed);
}

function begin(root) {
  let width = 0;
  new ResizeObserver(() => {
    if (root.clientWidth === width) return;
    width = root.clientWidth;
    fit(root.blocks);
  }).observe(root);
  return [];
}

function add(root) {
  const [box, title, view] = ["block", "title", "view"].map((name) => make("div", name));
  box.append(title, view);
  root.append(box);
  return { box, title, view, text: null };
}

function fill(block, { title, math }) {
  block.title.textContent = title;
  block.title.hidden = !title;
  if (block.text === math) return false;
  block.text = math;
  block.view.innerHTML = math;
  return true;
}

/* All reads come before all writes, so that the browser lays out twice, not twice a block. */
function fit(blocks) {
  for (const { view } of blocks) view.style.fontSize = "";
  const shares = blocks.map(({ view }) => view.clientWidth / Math.max(1, view.scrollWidth));
  blocks.forEach(({ view }, place) => {
    const share = shares[place];
    if (share > 0 && share < 1) view.style.fontSize = `${Math.max(SMALLEST, share * 0.98).toFixed(3)}em`;
    view.tabIndex = share > 0 && share * 0.98 < SMALLEST ? 0 : -1;
  });
  // Fonts of formulas are fetched when they are first laid out, and then the widths are others.
  if (document.fonts?.status === "loading") document.fonts.ready.then(() => fit(blocks));
}
