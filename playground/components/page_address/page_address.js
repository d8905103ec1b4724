/* The address of the page as it is now. Where it is served over plain http, browsers have no clipboard for scripts: then
   a selected text is copied, and what cannot be copied either is shown, selected. */

import { make, makeButton } from "../shared/dom.js";

const COPIED_MS = 2500;
const FRAME_ONLY = ["embed", "embed_options"];

function addressOf(query) {
  const url = window.cnnPlaygroundViews?.address() ?? new URL(location.href);
  if (query) url.search = query;
  FRAME_ONLY.forEach((name) => url.searchParams.delete(name));
  url.hash = "";
  return url.href;
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = Object.assign(make("textarea"), { value: text, readOnly: true });
    Object.assign(area.style, { position: "fixed", opacity: 0 });
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

function copyButton(root) {
  const said = make("span", "said");
  said.setAttribute("role", "status");
  const field = Object.assign(make("input"), { readOnly: true, hidden: true });
  field.setAttribute("aria-label", "Address of this page");
  const button = makeButton("copy", "", async () => {
    const text = addressOf(root.data.query);
    const done = await copied(text);
    said.textContent = done ? "Link copied" : "Copy this address:";
    said.classList.toggle("unseen", done);
    field.hidden = done;
    field.value = text;
    clearTimeout(root.timer);
    if (done) {
      button.textContent = "Copied";
      button.focus();
      root.timer = setTimeout(show, COPIED_MS);
    } else field.select();
  });
  const show = () => {
    said.textContent = "";
    Object.assign(button, { textContent: root.data.label, title: root.data.about ?? "" });
  };
  root.replaceChildren(button, said, field);
  return show;
}

function openLink(root) {
  const link = Object.assign(make("a"), { target: "_blank", rel: "noopener" });
  const now = () => (link.href = addressOf());
  for (const event of ["pointerdown", "focus", "click"]) link.addEventListener(event, now);
  root.replaceChildren(link);
  return () => {
    link.textContent = root.data.label;
    now();
  };
}

function printedLine(root) {
  const line = make("p", "printed");
  const now = () => (line.textContent = `${addressOf()} · ${new Date().toLocaleDateString("en-CA")}`);
  window.addEventListener("beforeprint", () => root.isConnected && now());
  root.replaceChildren(line);
  return now;
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".page-address");
  root.data = data;
  root.show ??= { copy: copyButton, open: openLink, print: printedLine }[data.kind](root);
  root.show();
}
