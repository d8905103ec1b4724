/* Puts the SVG text in place; the same element is kept between reruns, so nothing flickers. */
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".inline-svg");
  if (root.dataset.svg === data) return;
  root.innerHTML = data;
  root.dataset.svg = data;
}
