/* Puts the SVG text in place; the same element is kept between reruns, so nothing flickers. */
export default function ({ data, parentElement }) {
  if (typeof data !== "string") return; // for a moment Streamlit may hand over what stood in this place before
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
