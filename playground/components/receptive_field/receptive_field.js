/* The receptive field of one cell, drawn on the picture: move the mouse to choose the cell, the slider to choose the
   layer; left alone, it grows layer by layer. */

const MARGIN = 0.22; // of the picture, around it: where fields reach into the padding

export default function ({ data, parentElement }) {
  const root = furnish(parentElement);
  const state = root.__state ?? (root.__state = { text: "", layer: 0, at: [0.5, 0.5], timer: 0 });
  const text = JSON.stringify([data.layers, data.height, data.width]);
  const fresh = state.text !== text;
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  state.data = data;
  state.text = text;
  if (fresh) {
    state.layer = still ? data.layers.length - 1 : 0;
    state.at = [0.5, 0.5];
  }
  root.querySelector("img").src = data.picture;
  wire(root, state);
  draw(root, state);
  if (fresh && !still) play(root, state);
  const watch = new ResizeObserver(() => draw(root, state));
  watch.observe(root);
  return () => {
    watch.disconnect();
    stop(root, state);
  };
}

function furnish(parent) {
  let root = parent.querySelector(".field");
  if (root) return root;
  root = document.createElement("div");
  root.className = "field";
  root.innerHTML =
    '<div class="bar"><button type="button" class="play"></button>' +
    '<input type="range" min="0" step="1" aria-label="Layer"><output></output></div>' +
    '<div class="view" tabindex="0" role="application"><div class="world"><div class="frame"><img alt=""><div class="seen"></div></div>' +
    '<div class="whole"></div><div class="dot"></div></div></div>' +
    '<div class="words" role="status"></div>';
  parent.appendChild(root);
  return root;
}

function wire(root, state) {
  const slider = root.querySelector("input");
  const view = root.querySelector(".view");
  slider.max = state.data.layers.length - 1;
  slider.oninput = () => {
    state.layer = Number(slider.value);
    stop(root, state);
  };
  root.querySelector(".play").onclick = () => (state.timer ? stop(root, state) : play(root, state, true));
  view.setAttribute("aria-label", `${state.data.alt} Arrow keys choose another cell.`);
  view.onpointermove = (event) => {
    const box = root.querySelector("img").getBoundingClientRect();
    move(root, state, (event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width);
  };
  view.onkeydown = (event) => {
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const map = state.data.layers[state.layer].map;
    const [down, right] = steps[event.key];
    move(root, state, state.at[0] + down / (map[0] ?? 1), state.at[1] + right / (map[1] ?? 1));
  };
}

function move(root, state, down, right) {
  state.at = [down, right].map((share) => Math.min(Math.max(share, 0), 0.9999));
  draw(root, state);
}

function play(root, state, again) {
  if (again && state.layer >= state.data.layers.length - 1) state.layer = 0;
  const step = Math.max(120, Math.min(800, 9000 / state.data.layers.length));
  clearInterval(state.timer);
  state.timer = setInterval(() => {
    if (state.layer >= state.data.layers.length - 1) return stop(root, state);
    state.layer += 1;
    draw(root, state);
  }, step);
  draw(root, state);
}

function stop(root, state) {
  clearInterval(state.timer);
  state.timer = 0;
  draw(root, state);
}

/* The cell of the layer's map that lies at `share` of a side, and the input cells it sees. */
export function fieldAt(layer, side, share, length) {
  const cells = layer.cells[side];
  const cell = Math.min(Math.floor(share * cells.length), cells.length - 1);
  const fields = layer.fields[side];
  const [first, last] = fields[cell % fields.length];
  const moved = Math.floor(cell / fields.length) * layer.shift[side];
  return { cell, whole: [first + moved, last + moved], inside: cells[cell], length };
}

function draw(root, state) {
  const { layers, height, width } = state.data;
  const layer = layers[state.layer];
  if (!layer) return;
  const [down, right] = [fieldAt(layer, 0, state.at[0], height), fieldAt(layer, 1, state.at[1], width)];
  const world = root.querySelector(".world");
  const room = Math.min(root.clientWidth, 620);
  const scale = Math.min(room / (width * (1 + 2 * MARGIN)), 420 / (height * (1 + 2 * MARGIN)));
  Object.assign(world.style, { width: `${width * scale}px`, height: `${height * scale}px` });
  root.querySelector(".view").style.padding = `${height * scale * MARGIN}px ${width * scale * MARGIN}px`;
  place(root.querySelector(".whole"), down.whole, right.whole, scale);
  place(root.querySelector(".seen"), down.inside, right.inside, scale);
  const middle = (span, size) => Math.min(Math.max((span[0] + span[1] + 1) / 2, 0), size) * scale;
  const dot = root.querySelector(".dot");
  Object.assign(dot.style, { top: `${middle(down.whole, height)}px`, left: `${middle(right.whole, width)}px` });
  root.querySelector("input").value = state.layer;
  root.querySelector("output").textContent = `${state.layer + 1} of ${layers.length}`;
  const button = root.querySelector(".play");
  button.textContent = state.timer ? "❚❚ Pause" : "▶ Grow";
  button.setAttribute("aria-pressed", String(Boolean(state.timer)));
  root.querySelector(".words").replaceChildren(...words(layer, down, right));
}

function place(element, rows, columns, scale) {
  const empty = rows[0] === null || columns[0] === null;
  Object.assign(element.style, {
    display: empty ? "none" : "block",
    top: `${rows[0] * scale}px`,
    left: `${columns[0] * scale}px`,
    height: `${(rows[1] - rows[0] + 1) * scale}px`,
    width: `${(columns[1] - columns[0] + 1) * scale}px`,
  });
}

function words(layer, down, right) {
  const said = [["strong", layer.name]];
  const where = layer.map.length ? ` of cell (${down.cell}, ${right.cell}) in ${layer.map.join("×")}` : " of every value";
  said.push(["", `receptive field ${layer.size.join("×")}${where}`]);
  if (layer.map.length) said.push(["", `jump ${layer.jump.join("×")}, first field starts at (${layer.start.join(", ")})`]);
  const cells = down.inside[0] === null || right.inside[0] === null ? 0 : area(down.inside, right.inside);
  said.push(["", `${(100 * cells / (down.length * right.length)).toFixed(1)} % of this image`]);
  return said.map(([kind, text]) => Object.assign(document.createElement("span"), { className: kind, textContent: text }));
}

function area(rows, columns) {
  return (rows[1] - rows[0] + 1) * (columns[1] - columns[0] + 1);
}
