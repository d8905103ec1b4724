/* The written arithmetic of one cell. Sums are exact (whole numbers of any length); what is rounded is written with ≈,
   and with so many places that whoever adds up the printed numbers gets the printed result. */

const LONGEST = 12; // terms that are written out
const RESULT_PLACES = 4;
const MOST_PLACES = 12;

const trimmed = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
export const minus = (text) => (/^-0?(\.0*)?$/.test(text) ? "0" : text.replace("-", "−"));
export const fixed = (value, places) => minus(trimmed(value.toFixed(places)));
const bracketed = (text) => (text.startsWith("−") ? `(${text})` : text);
const numberOf = (text) => Number(text.replace("−", "-"));
const small = (value) => fixed(value, 8);
export const hundredths = (value) => fixed(value / 100, 2);

/* n / d (BigInt, d > 0) rounded to some places, and whether nothing was lost. */
function ratio(n, d, places) {
  const scale = 10n ** BigInt(places);
  const [sign, top] = n < 0n ? ["-", -n] : ["", n];
  const digits = ((2n * top * scale + d) / (2n * d)).toString().padStart(places + 1, "0");
  const text = minus(trimmed(`${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`));
  return { text, exact: (top * scale) % d === 0n };
}

const written = ({ text, exact }) => `${exact ? "=" : "≈"} ${text}`;
const sums = (values) => {
  const all = values.map(BigInt);
  return { sum: all.reduce((a, b) => a + b, 0n), squares: all.reduce((a, b) => a + b * b, 0n), count: BigInt(all.length) };
};

/* Mean and variance of one set in words and numbers; `mean` and `variance` can be had to any number of places. */
function statistics(values, centred) {
  const { sum, squares, count } = sums(values);
  const mean = (places) => ratio(centred ? sum : 0n, 100n * count, places);
  const top = centred ? count * squares - sum * sum : count * squares;
  const variance = (places) => ratio(top, count * count * 10000n, places);
  const rows = centred ? [meanRow(values, sum, count), varianceRow(values, { sum, squares, count, top })] : [squareRow(values, squares, count)];
  return { mean, variance, rows };
}

const short = (values, write) => (values.length <= LONGEST ? values.map(write).join(" + ") : "");
const quotient = (terms, total, count) => `${terms ? `(${terms}) / ${count} = ` : ""}${total} / ${count}`;

function meanRow(values, sum, count) {
  const terms = short(values, (value) => bracketed(hundredths(value)));
  return ["mean", `${quotient(terms, ratio(sum, 100n, 2).text, count)} ${written(ratio(sum, 100n * count, 6))}`];
}

/* From the distances where they can be written exactly, else from the squares: both are whole fractions. */
function varianceRow(values, { sum, squares, count, top }) {
  const result = written(ratio(top, count * count * 10000n, 6));
  const mean = ratio(sum, 100n * count, 3);
  if (mean.exact) {
    const middle = numberOf(mean.text);
    const terms = short(values, (value) => `${bracketed(fixed(value / 100 - middle, 3))}²`);
    return ["variance", `${quotient(terms, ratio(top, count * 10000n, 8).text, count)} ${result}`];
  }
  const terms = short(values, (value) => `${bracketed(hundredths(value))}²`);
  const taken = `− (${ratio(sum, 100n, 2).text} / ${count})²`;
  const spelt = terms ? `(${terms}) / ${count} ${taken} = ` : "";
  return ["variance", `${spelt}${ratio(squares, 10000n, 4).text} / ${count} ${taken} ${result}`];
}

function squareRow(values, squares, count) {
  const terms = short(values, (value) => `${bracketed(hundredths(value))}²`);
  return ["mean square", `${quotient(terms, ratio(squares, 10000n, 4).text, count)} ${written(ratio(squares, count * 10000n, 6))}`];
}

/* (x - mean) / √(variance + eps) with the fewest places from which the printed result follows. */
function scaled(x, part, set, eps, finish) {
  for (let places = 6; ; places += 1) {
    const [mean, variance] = [part.mean(places).text, part.variance(places).text];
    const above = fixed(x - numberOf(mean), places);
    const below = fixed(Math.sqrt(numberOf(variance) + eps), places);
    const found = { mean, variance, above, below, value: numberOf(above) / numberOf(below) };
    const exact = (x - set.mean) / Math.sqrt(set.variance + eps);
    if (places === MOST_PLACES || finish(found.value).toFixed(RESULT_PLACES) === finish(exact).toFixed(RESULT_PLACES)) return found;
  }
}

/* The rows [name, text] that explain one cell, a block a set of statistics. */
export function explain(model, index) {
  const { data, parts, y } = model;
  const x = data.values[index] / 100;
  const lone = parts.length === 1;
  const places = lone ? RESULT_PLACES : 6;
  const finish = lone ? (value) => value * data.gamma + data.beta : (value) => value * 100;
  const after = afterwards(data);
  const blocks = parts.map((part) => {
    const set = part.of[index];
    const exact = statistics(set.members.map((member) => data.values[member]), data.centred);
    const found = scaled(x, exact, set, data.eps, finish);
    const above = data.centred ? `(${bracketed(hundredths(data.values[index]))} − ${bracketed(found.mean)})` : hundredths(data.values[index]);
    const line = `${above} / √(${found.variance} + ${small(data.eps)})`;
    const end = lone ? after : "";
    const value = lone ? y[index] : found.value;
    exact.rows.push([lone ? data.result : part.name, `${line}${end} ≈ ${found.above} / ${found.below}${end} ≈ ${fixed(value, places)}`]);
    return { part, set, rows: exact.rows, value: fixed(found.value, places) };
  });
  if (!lone) {
    const mix = blocks.map(({ part, value }) => `${small(part.weight)} × ${bracketed(value)}`).join(" + ");
    blocks.push({ rows: [["y", `(${mix})${after} ≈ ${fixed(y[index], RESULT_PLACES)}`]] });
  }
  return blocks;
}

function afterwards({ affine, gamma, beta }) {
  const scale = affine ? ` × ${bracketed(small(gamma))}` : "";
  return scale + (affine === "both" ? ` + ${bracketed(small(beta))}` : "");
}
