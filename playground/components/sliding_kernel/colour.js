/* The house's scales: white at zero, `bound` at either end. */
export function colourOf(value, bound, scale) {
  const place = Math.min(Math.max(value / (2 * (bound || 1)) + 0.5, 0), 1);
  let stop = 1;
  while (stop < scale.length - 1 && scale[stop][0] < place) stop++;
  const [[low, from], [high, to]] = [scale[stop - 1], scale[stop]];
  const share = (place - low) / (high - low);
  return [1, 3, 5].map((at) => {
    const [a, b] = [parseInt(from.slice(at, at + 2), 16), parseInt(to.slice(at, at + 2), 16)];
    return Math.round(a + (b - a) * share);
  });
}

export function css(rgb) {
  return `rgb(${rgb.join(" ")})`;
}

/* Black or white, whichever has more contrast on a colour (WCAG 2.2). */
export function textOn(rgb) {
  const linear = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] < 0.179 ? "#ffffff" : "#000000";
}
