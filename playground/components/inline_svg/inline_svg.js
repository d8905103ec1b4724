/* Puts the SVG text in place; the same element is kept between reruns, so nothing flickers. */
import { scrolls } from "../shared/scroller.js";

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".inline-svg");
  if (root.dataset.svg === data) return;
  if (!root.dataset.svg) scrolls(root, "Drawing");
  root.innerHTML = data;
  root.dataset.svg = data;
}
