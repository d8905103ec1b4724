/* The surface from above: tinted bands between contour lines, on a canvas that lets the page's background through. */
const LEVELS = 16;
const TINT = [47, 111, 222];
const LINE = 128; // a grey that shows on light and on dark

export function drawContours(canvas, heights, rows, columns) {
  const { width, height } = canvas;
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  const levels = new Float32Array(width * height);
  for (let j = 0; j < height; j++) {
    const v = (j / (height - 1)) * (rows - 1);
    for (let i = 0; i < width; i++) {
      const u = (i / (width - 1)) * (columns - 1);
      levels[j * width + i] = (between(heights, columns, rows, u, v) / 65535) * LEVELS;
    }
  }
  for (let j = 0; j < height; j++) {
    for (let i = 0; i < width; i++) paintPixel(image.data, levels, i, j, width, height);
  }
  context.putImageData(image, 0, 0);
}

function between(heights, columns, rows, u, v) {
  const i = Math.min(Math.floor(u), columns - 2);
  const j = Math.min(Math.floor(v), rows - 2);
  const [a, b] = [u - i, v - j];
  const at = j * columns + i;
  const top = heights[at] * (1 - a) + heights[at + 1] * a;
  const bottom = heights[at + columns] * (1 - a) + heights[at + columns + 1] * a;
  return top * (1 - b) + bottom * b;
}

function paintPixel(pixels, levels, i, j, width, height) {
  const at = j * width + i;
  const level = levels[at];
  const right = levels[i + 1 < width ? at + 1 : at - 1];
  const below = levels[j + 1 < height ? at + width : at - width];
  const slope = Math.hypot(right - level, below - level) || 1e-6;
  const far = Math.abs(level - Math.round(level)) / slope; // pixels to the nearest contour
  const line = Math.round(level) > 0 ? Math.max(0, 1 - far / 1.1) * 0.55 : 0;
  const tint = 0.03 + 0.36 * (Math.floor(level) / LEVELS);
  const alpha = line + tint * (1 - line);
  for (let c = 0; c < 3; c++) pixels[4 * at + c] = (LINE * line + TINT[c] * tint * (1 - line)) / alpha;
  pixels[4 * at + 3] = 255 * alpha;
}
