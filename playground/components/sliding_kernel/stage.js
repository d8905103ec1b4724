import { colourOf } from "../shared/colour.js";

/* The picture's own pixels, grey. */
export function drawSource(canvas, picture) {
  [canvas.width, canvas.height] = [picture.width, picture.height];
  const context = canvas.getContext("2d");
  const image = context.createImageData(picture.width, picture.height);
  picture.pixels.forEach((grey, at) => image.data.set([grey, grey, grey, 255], 4 * at));
  context.putImageData(image, 0, 0);
}

const PALE = 72; // of 255: how opaque outputs are that have not been reached yet

/* Every output in colour, painted once for each kernel: as it is, and pale. */
export function paint(values, wide, bound) {
  const [image, pale] = [255, PALE].map((opacity) => {
    const painted = new ImageData(wide, values.length / wide);
    values.forEach((value, at) => painted.data.set([...colourOf(value, bound), opacity], 4 * at));
    return painted;
  });
  return { image, pale };
}

/* The first `count` outputs as they are, over all of them pale. */
export function drawOutputs(canvas, { image, pale }, count) {
  const [wide, high] = [image.width, image.height];
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  const context = canvas.getContext("2d");
  const full = Math.floor(count / wide);
  context.putImageData(pale, 0, 0);
  if (full) context.putImageData(image, 0, 0, 0, 0, wide, full);
  if (count % wide) context.putImageData(image, 0, 0, 0, full, count % wide, 1);
}

/* A frame over the cells from (row, column), `size` wide and high, as shares of the sheet. */
export function place(frame, row, column, size, high, wide) {
  const [left, top, width, height] = [column / wide, row / high, size / wide, size / high].map((share) => `${100 * share}%`);
  Object.assign(frame.style, { left, top, width, height });
}
