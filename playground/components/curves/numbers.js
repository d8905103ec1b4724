/* Where an axis is marked, and how numbers are written. */

/* Round ticks: 1, 2 or 5 times a power of ten, about `count` of them. */
export function ticks(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
  const values = [];
  for (let i = Math.ceil(low / step); i * step <= high + step * 1e-9; i++) values.push(+(i * step).toPrecision(10));
  return values;
}

/* Where a log axis is marked, as exponents: powers of ten, between them 1, 2, 5 where few fit, or round values. */
export function logTicks(low, high, count) {
  const inside = (exponents) => exponents.filter((e) => e >= low - 1e-9 && e <= high + 1e-9);
  const decades = high - low;
  if (decades < 1) return inside(ticks(10 ** low, 10 ** high, count).filter((v) => v > 0).map(Math.log10));
  const step = [1, 2, 3, 5, 10, 20, 50, 100].find((s) => s >= decades / count) ?? 200;
  const powers = [];
  for (let e = Math.floor(low / step) * step; e <= high; e += step) powers.push(e);
  const between = decades < 2.5 ? powers.flatMap((e) => [e, e + Math.log10(2), e + Math.log10(5)]) : powers;
  return inside(between);
}

/* As few digits as hold the value: 100000 is 1e5, 0.0001 is 1e−4. */
export const brief = (value) => spelt(value, 6, 1e-3, 1e5);

/* Five significant digits; on a log axis the values are exponents of ten. */
export const written = (value, log = false) => (value === null ? "–" : spelt(log ? 10 ** value : value, 5, 1e-4, 1e7));

function spelt(value, digits, least, most) {
  const round = Number(value.toPrecision(digits));
  const size = Math.abs(round);
  const words = size && (size >= most || size < least) ? round.toExponential().replace("e+", "e") : String(round);
  return words.replaceAll("-", "−");
}
