import { colourOf } from "./colour.js";
import { STEPS } from "./arithmetic.js";

const MARKUP = `
<div class="stage">
  <figure class="source">
    <div class="sheet" tabindex="0" role="application">
      <canvas></canvas><div class="window"></div>
    </div>
    <figcaption></figcaption>
  </figure>
  <figure class="result-map">
    <div class="sheet"><canvas></canvas><div class="window"></div></div>
    <figcaption></figcaption>
  </figure>
  <div class="sum">
    <div class="grids">
      <div class="cells pixels"></div><span class="sign">&times;</span>
      <div class="cells kernel"></div><span class="sign">=</span><div class="result"></div>
    </div>
    <p class="line"></p>
  </div>
  <div class="bar">
    <label><span class="name">Subtract the mean of its 8 neighbours</span>
      <input type="range" min="0" max="${STEPS}" step="1" value="${STEPS}">
      <output></output></label>
    <button type="button" class="play"></button>
  </div>
</div>`;

/* The elements, made once; found again whenever Streamlit calls with new data. */
export function build(parent) {
  let root = parent.querySelector(".sliding-kernel");
  if (root) return root;
  root = document.createElement("div");
  root.className = "sliding-kernel";
  root.innerHTML = MARKUP;
  for (const cells of root.querySelectorAll(".cells")) {
    for (let k = 0; k < 9; k++) cells.appendChild(document.createElement("span"));
  }
  parent.appendChild(root);
  return root;
}

/* The picture's own pixels, grey. */
export function drawSource(canvas, picture) {
  [canvas.width, canvas.height] = [picture.width, picture.height];
  const context = canvas.getContext("2d");
  const image = context.createImageData(picture.width, picture.height);
  picture.pixels.forEach((grey, at) => image.data.set([grey, grey, grey, 255], 4 * at));
  context.putImageData(image, 0, 0);
}

/* Every output in colour, painted once for each kernel. */
export function paint(values, wide, bound) {
  const image = new ImageData(wide, values.length / wide);
  values.forEach((value, at) => image.data.set([...colourOf(value, bound, DATA_SCALE), 255], 4 * at));
  return image;
}

/* The first `count` outputs; the rest of the sheet stays empty. */
export function drawOutputs(canvas, image, count) {
  const [wide, high] = [image.width, image.height];
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  const context = canvas.getContext("2d");
  const full = Math.floor(count / wide);
  context.clearRect(0, 0, wide, high);
  if (full) context.putImageData(image, 0, 0, 0, 0, wide, full);
  if (count % wide) context.putImageData(image, 0, 0, 0, full, count % wide, 1);
}

/* A frame over the cells from (row, column), `size` wide and high, as shares of the sheet. */
export function place(frame, row, column, size, high, wide) {
  frame.style.left = `${(100 * column) / wide}%`;
  frame.style.top = `${(100 * row) / high}%`;
  frame.style.width = `${(100 * size) / wide}%`;
  frame.style.height = `${(100 * size) / high}%`;
}
