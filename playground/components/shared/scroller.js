/* While a box is wider than its place it is a stop of the Tab key, so that the arrow keys scroll it. */

export function scrolls(box, name) {
  const observer = new ResizeObserver(() => judge(box, name));
  const observe = () => {
    observer.disconnect();
    for (const element of [box, ...box.children]) observer.observe(element);
  };
  new MutationObserver(observe).observe(box, { childList: true });
  observe();
}

function judge(box, name) {
  const wider = box.scrollWidth > box.clientWidth + 1;
  const attributes = { tabindex: 0, role: "group", "aria-label": name };
  for (const [attribute, value] of Object.entries(attributes)) {
    if (wider) box.setAttribute(attribute, value);
    else box.removeAttribute(attribute);
  }
}
