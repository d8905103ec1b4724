/* A sequential scale for quantities: pale to deep on a light page, dim to bright on a dark one. Steps follow the root,
   so that a layer with a hundredth of the largest figure can still be told from one with none. */

import { along, channels, stopsOf } from "../shared/colour.js";
import { clamp } from "../shared/pointing.js";

const LIGHT = ["#edf2fc", "#9dbdf5", "#2f6fde", "#143a86", "#0a1f4d"];
const DARK = ["#232c40", "#2f528f", "#4b86ec", "#9cc0ff", "#e8f1ff"];

export const isDark = (element) => getComputedStyle(element).colorScheme === "dark"; // Streamlit sets it with the theme

export const scaleStops = (dark) => (dark ? DARK : LIGHT);

/* The input is grey; a layer has the shade of its figure, or the colour of what it waits for. */
export function blockColour(block, measure, largest, waits, dark) {
  const plain = dark ? [60, 68, 83] : [223, 227, 234];
  if (block.row < 0) return plain;
  if (measure !== WAITS) return shade(block[measure] / (largest || 1), dark);
  const waiting = waits?.rows[block.row];
  return waiting?.seconds ? channels(LEGEND[waiting.bound].colour) : plain;
}

function shade(share, dark) {
  const scale = scaleStops(dark).map((colour, i, { length }) => [i / (length - 1), colour]);
  return along(stopsOf(scale), Math.sqrt(clamp(share, 0, 1)));
}
