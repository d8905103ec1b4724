/* A confusion matrix through time: a slider over epochs that follows the newest until somebody takes it. */
import { keepInAddress, linkedNumber, linkedParts } from "../shared/address.js";
import { make } from "../shared/dom.js";
import { colourOf, css, textOn } from "../shared/colour.js";
import { scrolls } from "../shared/scroller.js";

const KEY = "tl_epoch";

function heading(text, scope) {
  return Object.assign(make("th", "", text), { scope });
}

function draw(root) {
  const { data } = root;
  const [slider, words] = root.querySelectorAll("input, span");
  slider.max = String(data.epochs.length - 1);
  if (!root.held) slider.value = slider.max;
  keepInAddress(KEY, root, root.held ? [data.epochs[Number(slider.value)].epoch] : []);
  const at = Math.min(Number(slider.value), data.epochs.length - 1);
  const { epoch, confusion, accuracy } = data.epochs[at];
  words.textContent = `Epoch ${epoch}: accuracy ${(100 * accuracy).toFixed(1)} %`;
  slider.setAttribute("aria-valuetext", words.textContent);
  const head = make("tr");
  head.append(heading("true ↓ predicted →", "col"), ...data.classes.map((name) => heading(name, "col")));
  const rows = confusion.map((counts, i) => {
    const row = make("tr"), total = counts.reduce((a, b) => a + b, 0);
    row.append(heading(data.classes[i], "row"));
    for (const count of counts) {
      const node = make("td", "", count), colour = colourOf(total ? -count / total : 0, 1); // the blue half; white is zero
      Object.assign(node.style, { background: css(colour), color: textOn(colour) });
      node.title = `${total ? ((100 * count) / total).toFixed(1) : 0} % of ${data.classes[i]}`;
      row.append(node);
    }
    return row;
  });
  root.querySelector("table").replaceChildren(head, ...rows);
}

/* What a link says: the epoch that is looked at; without one, the newest. */
function open(root, slider, epochs) {
  const wanted = linkedNumber(linkedParts(KEY)[0], 1, 1e9, null);
  const at = epochs.findIndex(({ epoch }) => epoch === wanted);
  root.held = at >= 0 && at < epochs.length - 1;
  if (root.held) Object.assign(slider, { max: epochs.length - 1, value: at });
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".epochs");
  const slider = root.querySelector("input");
  if (!root.data) scrolls(root.querySelector(".frame"), "Confusion matrix");
  slider.oninput = () => {
    root.held = slider.value !== slider.max;
    draw(root);
  };
  const newest = data.epochs.length + ":" + data.epochs.at(-1).epoch;
  if (root.newest === newest) return;
  if (!root.newest) open(root, slider, data.epochs);
  Object.assign(root, { newest, data });
  draw(root);
}
