/* Colours of cells: the page's two diverging scales (DATA_SCALE, WEIGHT_SCALE come from playground.charts.theme). */

const DARK_TEXT = "#111111";
const LIGHT_TEXT = "#ffffff";
const PADDING_SHADE = [96, 106, 128];

const parsed = (scale) => scale.map(([at, hex]) => [at, [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16))]);
const SCALES = { data: parsed(DATA_SCALE), weight: parsed(WEIGHT_SCALE) };

/* Background and text colour of a value; `bound` is the value at either end of the scale. */
export function tint(value, bound, scale, padding = false) {
  const place = Math.min(1, Math.max(0, value / (2 * (bound || 1)) + 0.5));
  const stops = SCALES[scale];
  let at = 1;
  while (at < stops.length - 1 && stops[at][0] < place) at += 1;
  const [[low, from], [high, to]] = [stops[at - 1], stops[at]];
  const share = (place - low) / (high - low);
  let rgb = from.map((channel, i) => Math.round(channel + share * (to[i] - channel)));
  if (padding) rgb = rgb.map((channel, i) => Math.round(0.62 * channel + 0.38 * PADDING_SHADE[i]));
  const luminance = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
  return { back: `rgb(${rgb.join(",")})`, text: luminance < 140 ? LIGHT_TEXT : DARK_TEXT };
}
