/* Several elements that are one stop of the Tab key: it enters by the one last used, and other keys move among them. */

export class Roving {
  /* Of the elements here now the first is entered at first. */
  constructor(elements = []) {
    this.take(elements);
  }

  /* Other elements; the one to enter by stays where it is still there. */
  take(elements) {
    this.elements = elements;
    for (const element of elements) element.tabIndex = -1;
    this.enterBy(elements.includes(this.entry) ? this.entry : elements[0]);
  }

  enterBy(element) {
    if (this.entry) this.entry.tabIndex = -1;
    this.entry = element;
    if (element) element.tabIndex = 0;
  }

  /* Enter by an element from now on, and go there. */
  move(element) {
    this.enterBy(element);
    element.focus();
  }
}

/* Buttons in a row as one stop: the arrow keys, Home and End go from one to the next. */
export function toolbar(box, name) {
  box.setAttribute("role", "toolbar");
  box.setAttribute("aria-label", name);
  const roving = new Roving([...box.querySelectorAll("button")]);
  box.addEventListener("focusin", (event) => roving.elements.includes(event.target) && roving.enterBy(event.target));
  box.addEventListener("keydown", (event) => {
    const { elements } = roving;
    const [at, last] = [elements.indexOf(event.target), elements.length - 1];
    const next = { ArrowLeft: at - 1, ArrowUp: at - 1, ArrowRight: at + 1, ArrowDown: at + 1, Home: 0, End: last }[event.key];
    if (next === undefined || at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    roving.move(elements[(next + elements.length) % elements.length]);
  });
}
