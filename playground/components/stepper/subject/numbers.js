/* Exact numbers: a value is an integer over an integer, and its text never rounds. Those of a real layer are rounded. */

const MOST_DECIMALS = 6;
const SHOWN_DECIMALS = 3;
const LARGEST = 9999; // hundredths

function divisor(a, b) {
  while (b) [a, b] = [b, a % b];
  return a;
}

/* n / d as text: a decimal where it ends within six places, else a reduced fraction. */
export function exact(n, d = 1) {
  if (n === 0) return "0";
  if (!Number.isInteger(n)) return rounded(n / d);
  const common = divisor(Math.abs(n), d);
  const [top, bottom] = [Math.abs(n) / common, d / common];
  const sign = n < 0 ? "−" : "";
  for (let places = 0, power = 1; places <= MOST_DECIMALS; places += 1, power *= 10) {
    if (power % bottom === 0) return sign + withPoint(top * (power / bottom), places);
  }
  return `${sign}${top}/${bottom}`;
}

/* With three decimals at most. */
export function rounded(value) {
  if (value === -Infinity) return "−∞";
  return String(Number(value.toFixed(SHOWN_DECIMALS)) + 0).replace("-", "−");
}

function withPoint(digits, places) {
  if (places === 0) return String(digits);
  const text = String(digits).padStart(places + 1, "0");
  return `${text.slice(0, -places)}.${text.slice(-places)}`;
}

/* Brackets around what would look like a second sign. */
export const bracketed = (text) => (text.startsWith("−") ? `(${text})` : text);

/* What was typed, in hundredths; null if it is no number of at most two decimals between -99.99 and 99.99. */
export function typed(text) {
  const plain = text.trim().replace(",", ".").replace("−", "-");
  if (!/^[+-]?(\d{1,2}(\.\d{0,2})?|\.\d{1,2})$/.test(plain)) return null;
  const hundredths = Math.round(Number(plain) * 100);
  return Math.abs(hundredths) <= LARGEST ? hundredths + 0 : null;
}
