/* The place of a cell along each axis and its number in the flat tensor. */
export const flat = (place, shape) => place.reduce((number, at, axis) => number * shape[axis] + at, 0);

export function unflat(number, shape) {
  const place = new Array(shape.length);
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    place[axis] = number % shape[axis];
    number = Math.floor(number / shape[axis]);
  }
  return place;
}
