/* Colours of numbers, as playground/charts/theme.py has them (DATA_SCALE, WEIGHT_SCALE); a colour is [red, green, blue]. */

import { clamp } from "./pointing.js";

export const channels = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
export const stopsOf = (scale) => scale.map(([at, hex]) => [at, channels(hex)]);
const SCALES = { data: stopsOf(DATA_SCALE), weight: stopsOf(WEIGHT_SCALE) };

export const css = (colour) => `rgb(${colour.join(",")})`;

export const mix = (from, to, share) => from.map((channel, i) => Math.round(channel + share * (to[i] - channel)));

/* The colour of a signed value; `bound` is the value at either end of the scale, zero is white. */
export function colourOf(value, bound, scale = "data") {
  return along(SCALES[scale], clamp(value / (2 * (bound || 1)) + 0.5, 0, 1));
}

/* The colour at a place from 0 to 1 of a scale. */
export function along(stops, place) {
  const at = Math.max(1, stops.findIndex(([stop]) => stop >= place));
  const [[low, from], [high, to]] = [stops[at - 1], stops[at]];
  return mix(from, to, (place - low) / (high - low));
}

/* Text on a cell: black or white, whichever has more contrast on its colour (WCAG 2.2). */
export function textOn(colour) {
  const linear = Array.from(colour, (c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] < 0.179 ? "#ffffff" : "#000000";
}

/* Background and text of a cell in a colour, and of one with a value. */
export const looks = (colour) => ({ back: css(colour), text: textOn(colour) });
export const tint = (value, bound, scale) => looks(colourOf(value, bound, scale));
