/* How a pointer and the arrow keys choose a place. */

/* Arrow keys -> the step [down, right]. */
export const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/* `walk(down, right)` is told the step of each arrow key. */
export function onArrows(element, walk) {
  element.addEventListener("keydown", (event) => {
    if (!ARROWS[event.key]) return;
    event.preventDefault();
    walk(...ARROWS[event.key]);
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
