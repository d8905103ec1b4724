import { exact, outputAt, under, weights } from "./arithmetic.js";
import { colourOf, css, textOn } from "../shared/colour.js";

function fill(cell, text, rgb) {
  cell.textContent = text;
  cell.style.background = css(rgb);
  cell.style.color = textOn(rgb);
}

/* "-7/64" in lowest terms. */
export function fraction(n) {
  if (n === 0) return "0";
  let [top, bottom] = [n, 64];
  while (top % 2 === 0 && bottom > 1) [top, bottom] = [top / 2, bottom / 2];
  return `\u2212${top}/${bottom}`;
}

/* What lies under the window, times the kernel, and the sum. */
export function showNumbers(root, picture, row, column, n, bound) {
  const pixels = under(picture, row, column);
  const kernel = weights(n);
  const value = outputAt(picture, row, column, kernel);
  root.querySelectorAll(".pixels span").forEach((cell, k) => fill(cell, String(pixels[k]), [pixels[k], pixels[k], pixels[k]]));
  root.querySelectorAll(".kernel span").forEach((cell, k) => {
    fill(cell, k === 4 ? "1" : fraction(n), colourOf(kernel[k], 1, "weight"));
  });
  fill(root.querySelector(".result"), exact(value), colourOf(value, bound));
  const around = pixels.reduce((sum, pixel) => sum + pixel, 0) - pixels[4];
  const times = fraction(n).slice(1) || "0";
  root.querySelector(".line").textContent = n
    ? `${pixels[4]} \u2212 ${times} \u00d7 ${around} = ${exact(value)}`
    : `${pixels[4]} unchanged`;
  Object.assign(root.dataset, { row, column, n, value });
}
