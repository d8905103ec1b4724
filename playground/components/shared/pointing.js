/* How a pointer and the arrow keys choose a place. */

/* Arrow keys -> the step [down, right]. */
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

const PAGE = 10; // cells
export const CELLS = { ...ARROWS, Home: [0, -Infinity], End: [0, Infinity] };
const KEYS = { ...CELLS, PageUp: [-PAGE, 0], PageDown: [PAGE, 0] };

/* The step [down, right] of a key, undefined if it is none: an arrow, a page of cells, or to the end of the row. */
export function stepOf(event, keys = KEYS) {
  return event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
}

/* `walk(down, right)` is called with the step of each such key. */
export function onArrows(element, walk, keys = KEYS) {
  element.addEventListener("keydown", (event) => {
    const step = stepOf(event, keys);
    if (!step) return;
    event.preventDefault();
    walk(...step);
  });
}

/* Where a pointer is in an element, [down, right] as shares of its sides. */
export function shareOf(event, element) {
  const box = element.getBoundingClientRect();
  return [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width];
}

/* Whether a finger is what points here: it taps, where a mouse points and clicks. Hints choose their words by it. */
export const TOUCH = window.matchMedia("(pointer: coarse)").matches;

export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
