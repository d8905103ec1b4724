/* Puts the SVG text in place; the same element is kept between reruns, so nothing flickers. */
export default function ({ data, parentElement }) {
  let root = parentElement.querySelector(".drawing");
  if (!root) {
    root = document.createElement("div");
    root.className = "drawing";
    parentElement.appendChild(root);
  }
  if (root.dataset.svg !== data) {
    root.innerHTML = data;
    root.dataset.svg = data;
  }
}
