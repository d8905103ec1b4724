/* An element with a class and a text. */
export function make(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined) element.textContent = text;
  return element;
}

export function makeButton(name, text, onClick) {
  const button = make("button", name, text);
  button.type = "button";
  button.addEventListener("click", onClick);
  return button;
}

/* An element of SVG inside `parent`. */
export function makeSvg(tag, attributes, parent, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  setAll(element, attributes);
  if (text !== undefined) element.textContent = text;
  parent?.append(element);
  return element;
}

/* Only what differs is set: an attribute that is set is laid out and painted again. */
export function setAll(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
  }
}

/* Sharp on any screen; returns the context cleared and in CSS pixels. */
export function sharpContext(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const size = { width: Math.round(width * ratio), height: Math.round(height * ratio) };
  if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size);
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

/* `repaint` what is painted in colours of the page, once it has turned light or dark: by the system, or by a
   person, which gives Streamlit's app another class. */
export function onTheme(repaint) {
  const soon = () => setTimeout(repaint, 100);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", soon);
  const app = document.querySelector("[data-testid=stApp]");
  const now = () => {
    repaint(); // a page that is printed does not wait
    soon();
  };
  if (app) new MutationObserver(now).observe(app, { attributeFilter: ["class"] });
}
