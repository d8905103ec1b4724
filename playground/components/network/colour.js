/* A sequential scale for quantities: pale to deep on a light page, dim to bright on a dark one. Steps follow the root,
   so that a layer with a hundredth of the largest figure can still be told from one with none. */

const LIGHT = ["#edf2fc", "#9dbdf5", "#2f6fde", "#143a86", "#0a1f4d"];
const DARK = ["#232c40", "#2f528f", "#4b86ec", "#9cc0ff", "#e8f1ff"];

export function isDark(element) {
  const [r, g, b] = channels(getComputedStyle(element).getPropertyValue("--st-background-color"));
  return 0.299 * r + 0.587 * g + 0.114 * b < 128;
}

export function shade(share, dark) {
  const stops = dark ? DARK : LIGHT;
  const place = Math.sqrt(Math.min(Math.max(share, 0), 1)) * (stops.length - 1);
  const low = Math.min(Math.floor(place), stops.length - 2);
  return mix(stops[low], stops[low + 1], place - low);
}

export function scaleStops(dark) {
  return dark ? DARK : LIGHT;
}

/* The same colour in shade or in light, for the sides of a block. */
export function tint(colour, amount) {
  return mix(colour, amount > 0 ? "#ffffff" : "#000000", Math.abs(amount));
}

function mix(from, to, share) {
  const a = channels(from);
  const b = channels(to);
  return `rgb(${a.map((value, i) => Math.round(value + (b[i] - value) * share)).join(",")})`;
}

function channels(colour) {
  const text = colour.trim();
  if (text.startsWith("rgb")) return text.match(/[\d.]+/g).slice(0, 3).map(Number);
  const hex = text.length === 4 ? [...text.slice(1)].map((c) => c + c).join("") : text.slice(1, 7);
  return [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16) || 0);
}
