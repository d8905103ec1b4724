/* A number of at most so many significant digits, with a real minus sign. */
export function significant(value, digits) {
  return String(Number(value.toPrecision(digits))).replaceAll("-", "−");
}

/* What `playground.markup.packed` sent, as an array of the given type. */
export function unpacked(base64, Type) {
  return new Type(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer);
}
