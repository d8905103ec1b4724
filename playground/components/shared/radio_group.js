/* Buttons of which one is pressed. */

import { make, makeButton } from "./dom.js";

/* In a radio group the arrow keys choose, and Tab goes past. */
function step(event, buttons) {
  const [by, at] = [{ ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key], buttons.indexOf(event.target)];
  if (!by || at < 0) return;
  const next = buttons[(at + by + buttons.length) % buttons.length];
  next.focus();
  next.click();
  event.preventDefault();
}

/* `options` are [value, text] pairs; `current()` is the value pressed; call `update` on the element when it changed. */
export function radioGroup(name, options, current, choose, look = "radios") {
  const box = make("div", look);
  box.setAttribute("role", "radiogroup");
  box.setAttribute("aria-label", name);
  const buttons = options.map(([value, text]) => {
    const button = makeButton("", text, () => choose(value));
    button.setAttribute("role", "radio");
    box.append(button);
    return [button, value];
  });
  box.addEventListener("keydown", (event) => step(event, buttons.map(([button]) => button)));
  box.update = () => buttons.forEach(([button, value]) => {
    button.setAttribute("aria-checked", String(current() === value));
    button.tabIndex = current() === value ? 0 : -1;
  });
  return box;
}
