/* Formulas as MathML. Only a block that has changed is replaced, and one that is too wide for its place is set smaller. */
const SMALLEST = 0.62; // of the usual size; what is wider still can be scrolled

export default function ({ data, parentElement }) {
  const state = parentElement.querySelector(".formula")?.__state ?? furnish(parentElement);
  while (state.blocks.length > data.length) state.blocks.pop().box.remove();
  while (state.blocks.length < data.length) state.blocks.push(add(state.root));
  const changed = state.blocks.filter((block, place) => fill(block, data[place]));
  fit(changed);
}

function furnish(parent) {
  const root = document.createElement("div");
  root.className = "formula";
  parent.appendChild(root);
  const state = { root, blocks: [], width: 0 };
  root.__state = state;
  new ResizeObserver(() => {
    if (root.clientWidth === state.width) return;
    state.width = root.clientWidth;
    fit(state.blocks);
  }).observe(root);
  return state;
}

function add(root) {
  const box = document.createElement("div");
  box.className = "block";
  const [title, view] = [document.createElement("div"), document.createElement("div")];
  title.className = "title";
  view.className = "view";
  box.append(title, view);
  root.appendChild(box);
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
