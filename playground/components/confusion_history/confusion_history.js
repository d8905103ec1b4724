/* A confusion matrix through time: a slider over epochs that follows the newest until somebody takes it. */
function shade(share) {
  const at = 0.5 - Math.min(Math.max(share, 0), 1) / 2;  // the blue half of the scale for data; white is zero
  const after = DATA_SCALE.findIndex(([stop]) => stop >= at);
  const [[low, from], [high, to]] = [DATA_SCALE[Math.max(after - 1, 0)], DATA_SCALE[Math.max(after, 1)]];
  const part = (at - low) / (high - low);
  const channel = (colour, i) => parseInt(colour.slice(1 + 2 * i, 3 + 2 * i), 16);
  return [0, 1, 2].map((i) => Math.round(channel(from, i) + part * (channel(to, i) - channel(from, i))));
}

function ink([r, g, b]) {
  const linear = [r, g, b].map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] < 0.179 ? "#ffffff" : "#000000";
}

function cell(tag, text, scope) {
  const node = document.createElement(tag);
  node.textContent = text;
  if (scope) node.scope = scope;
  return node;
}

function draw(state) {
  const { data, slider, table, words } = state;
  slider.max = String(data.epochs.length - 1);
  if (!state.held) slider.value = slider.max;
  const at = Math.min(Number(slider.value), data.epochs.length - 1);
  const { epoch, confusion, accuracy } = data.epochs[at];
  words.textContent = `Epoch ${epoch}: accuracy ${(100 * accuracy).toFixed(1)} %`;
  slider.setAttribute("aria-valuetext", words.textContent);
  const head = document.createElement("tr");
  head.append(cell("th", "true ↓ predicted →", "col"), ...data.classes.map((name) => cell("th", name, "col")));
  const rows = confusion.map((counts, i) => {
    const row = document.createElement("tr"), total = counts.reduce((a, b) => a + b, 0);
    row.append(cell("th", data.classes[i], "row"));
    for (const count of counts) {
      const node = cell("td", String(count)), colour = shade(total ? count / total : 0);
      node.style.background = `rgb(${colour.join(",")})`;
      node.style.color = ink(colour);
      node.title = `${total ? ((100 * count) / total).toFixed(1) : 0} % of ${data.classes[i]}`;
      row.append(node);
    }
    return row;
  });
  table.replaceChildren(head, ...rows);
}

function build(parent) {
  const root = document.createElement("div");
  root.className = "epochs";
  const slider = document.createElement("input");
  slider.type = "range";
  slider.min = "0";
  slider.setAttribute("aria-label", "Epoch");
  const words = document.createElement("span"), bar = document.createElement("label");
  bar.append(slider, words);
  const table = document.createElement("table"), frame = document.createElement("div");
  frame.className = "frame";
  frame.append(table);
  root.append(bar, frame);
  parent.appendChild(root);
  const state = { slider, table, words, held: false };
  slider.addEventListener("input", () => {
    state.held = slider.value !== slider.max;
    draw(state);
  });
  root.__state = state;
  return state;
}

export default function ({ data, parentElement }) {
  const state = parentElement.querySelector(".epochs")?.__state ?? build(parentElement);
  const newest = data.epochs.length + ":" + data.epochs.at(-1).epoch;
  if (state.newest === newest) return;
  state.newest = newest;
  state.data = data;
  draw(state);
}
