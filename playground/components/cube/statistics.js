/* Which cells share statistics, and every normalized value. Values come as whole hundredths. */

import { unflat } from "../shared/indices.js";

const LETTERS = "NCHW";

/* The number of the set that a cell belongs to: its indices along the axes that do not share. */
function setOf(indices, part, data) {
  let number = 0;
  for (let axis = 0; axis < 4; axis += 1) {
    const letter = LETTERS[axis];
    const grouped = letter === "C" && part.axes.includes("G");
    const at = grouped ? Math.floor(indices[1] / (data.shape[1] / data.groups)) : part.axes.includes(letter) ? 0 : indices[axis];
    number = number * data.shape[axis] + at;
  }
  return number;
}

/* All cells of one part's sets, each with its mean and variance (of RMS: mean 0 and the mean square). */
function setsOf(part, data) {
  const byNumber = new Map();
  const of = data.values.map((_, index) => {
    const number = setOf(unflat(index, data.shape), part, data);
    if (!byNumber.has(number)) byNumber.set(number, { members: [] });
    const set = byNumber.get(number);
    set.members.push(index);
    return set;
  });
  for (const set of byNumber.values()) {
    const x = set.members.map((index) => data.values[index] / 100);
    set.mean = data.centred ? x.reduce((a, b) => a + b, 0) / x.length : 0;
    set.variance = x.reduce((sum, value) => sum + (value - set.mean) ** 2, 0) / x.length;
  }
  return { ...part, of, count: byNumber.size };
}

/* The tensor with its sets and the normalized values `y`. */
export function modelOf(data) {
  const parts = data.parts.map((part) => setsOf(part, data));
  const y = data.values.map((hundredths, index) => {
    const blended = parts.reduce((sum, { of, weight }) => {
      const { mean, variance } = of[index];
      return sum + (weight * (hundredths / 100 - mean)) / Math.sqrt(variance + data.eps);
    }, 0);
    return blended * data.gamma + data.beta;
  });
  return { data, parts, y };
}
