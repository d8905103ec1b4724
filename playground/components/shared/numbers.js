/* A number of at most so many significant digits, with a real minus sign. */
export function significant(value, digits) {
  return String(Number(value.toPrecision(digits))).replaceAll("-", "−");
}

/* Terms and their total with so many decimals, and what rounding leaves between them. */
export function roundedSum(terms, total, digits = 3) {
  const unit = 10 ** digits;
  const whole = terms.map((term) => Math.round(term * unit));
  const end = Math.round(total * unit);
  const rounding = end - whole.reduce((sum, term) => sum + term, 0);
  return { terms: whole.map((term) => term / unit), total: end / unit, rounding: rounding / unit };
}

/* What `playground.markup.packed` sent, as an array of the given type. */
export function unpacked(base64, Type) {
  return new Type(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer);
}
