/* A 3x3 kernel, 1 in the middle and -n/64 around it, over a picture of whole numbers: every result is exact in binary. */
export const STEPS = 8;

/* The nine pixels under the window whose output is at (row, column), in reading order. */
export function under(picture, row, column) {
  const pixels = [];
  for (let u = 0; u < 3; u++) {
    for (let v = 0; v < 3; v++) pixels.push(picture.pixels[(row + u) * picture.width + column + v]);
  }
  return pixels;
}

/* The kernel's nine weights for a position of the slider, in reading order. */
export function weights(n) {
  return Array.from({ length: 9 }, (_, place) => (place === 4 ? 1 : -n / 64));
}

/* One output: pixel times weight, summed. */
export function outputAt(picture, row, column, kernel) {
  return under(picture, row, column).reduce((sum, pixel, place) => sum + pixel * kernel[place], 0);
}

/* Every output, row by row; no padding, so two rows and two columns fewer than the picture. */
export function outputs(picture, n) {
  const kernel = weights(n);
  const [high, wide] = [picture.height - 2, picture.width - 2];
  const values = new Float32Array(high * wide);
  for (let i = 0; i < high; i++) {
    for (let j = 0; j < wide; j++) values[i * wide + j] = outputAt(picture, i, j, kernel);
  }
  return values;
}

/* A number with all its decimals and a real minus sign. */
export function exact(value) {
  return String(value).replace("-", "\u2212");
}
