/* A table of counts. Each cell is a button; arrow keys walk, Enter or a click chooses. */
export default function ({ data, parentElement, setStateValue }) {
  let root = parentElement.querySelector(".matrix");
  if (!root) {
    root = document.createElement("div");
    root.className = "matrix";
    parentElement.appendChild(root);
  }
  root.choose = (row, column) => {
    mark(root, [row, column]);
    setStateValue("cell", [row, column]);
  };
  const text = JSON.stringify([data.counts, data.classes]);
  if (text !== root.text) fill(root, data);
  root.text = text;
  mark(root, data.chosen);
}

function fill(root, { counts, classes }) {
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  for (const words of ["true ↓ predicted →", ...classes]) head.appendChild(heading(words, "col"));
  const body = table.createTBody();
  counts.forEach((row, i) => {
    const line = body.insertRow();
    line.appendChild(heading(classes[i], "row"));
    const total = row.reduce((sum, count) => sum + count, 0) || 1;
    row.forEach((count, j) => line.insertCell().appendChild(cell(root, classes, i, j, count, count / total)));
  });
  root.replaceChildren(table);
}

function heading(words, scope) {
  const th = document.createElement("th");
  th.scope = scope;
  th.textContent = words;
  return th;
}

function cell(root, classes, row, column, count, share) {
  const button = document.createElement("button");
  const colour = shade(share);
  button.type = "button";
  button.textContent = count;
  button.title = `${(100 * share).toFixed(1)} % of “${classes[row]}”`;
  button.dataset.place = `${row},${column}`;
  button.setAttribute("aria-label", `true ${classes[row]}, predicted ${classes[column]}: ${count}`);
  button.style.background = `rgb(${colour.join(",")})`;
  button.style.color = luminance(colour) < 0.179 ? "#ffffff" : "#000000";
  button.addEventListener("click", () => root.choose(row, column));
  button.addEventListener("keydown", (event) => walk(root, event, row, column));
  return button;
}

function walk(root, event, row, column) {
  const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
  if (!step) return;
  event.preventDefault();
  root.querySelector(`[data-place="${row + step[0]},${column + step[1]}"]`)?.focus();
}

function mark(root, chosen) {
  for (const button of root.querySelectorAll("button")) {
    const pressed = button.dataset.place === chosen.join(",");
    button.setAttribute("aria-pressed", pressed);
    button.tabIndex = pressed ? 0 : -1;
  }
}

/* White at nothing, the data scale's blue at all. */
function shade(share) {
  const place = 0.5 - share / 2;
  const k = Math.max(1, DATA_SCALE.findIndex(([stop]) => stop >= place));
  const [[a, from], [b, to]] = [DATA_SCALE[k - 1], DATA_SCALE[k]];
  const part = (hex, i) => parseInt(hex.slice(i, i + 2), 16);
  return [1, 3, 5].map((i) => Math.round(part(from, i) + ((place - a) / (b - a)) * (part(to, i) - part(from, i))));
}

/* As WCAG 2.2 defines it. */
function luminance(colour) {
  const linear = colour.map((part) => part / 255).map((s) => (s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4));
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}
