/* The theme. Streamlit keeps it under the path at which a tab was opened; here it is kept for the paths of all pages, so
   that each opens in it at once. It changes without loading the page anew where Streamlit lets us, and else by that. */

import { make } from "../shared/dom.js";
import { radioGroup } from "../shared/radio_group.js";

const THEMES = ["System", "Light", "Dark"];

const storedAs = (path) => `stActiveTheme-${path}-v2`;

/* The path at which this tab was opened. */
const openedAt = () => new URL(performance.getEntriesByType("navigation")[0]?.name ?? location.href).pathname;

function current() {
  try {
    const theme = JSON.parse(localStorage.getItem(storedAs(openedAt())));
    return THEMES.includes(theme) ? theme : "System";
  } catch {
    return "System";
  }
}

function keepForAll(theme, pages) {
  const parts = location.pathname.split("/");
  if (pages.includes(parts.at(-1)) || parts.at(-1) === "") parts.pop();
  const base = parts.join("/");
  for (const path of [openedAt(), `${base}/`, ...pages.map((page) => `${base}/${page}`)]) {
    localStorage.setItem(storedAs(path), JSON.stringify(theme));
  }
}

/* What Streamlit's own menu, which this page does not show, would call: found in the properties of its app. */
function themesOfStreamlit() {
  const app = document.querySelector("[data-testid=stApp]");
  const entry = Object.keys(app ?? {}).find((name) => name.startsWith("__reactFiber$"));
  for (let part = entry && app[entry]; part; part = part.return) {
    const { theme } = part.memoizedProps ?? {};
    if (theme?.setTheme && theme.availableThemes) return theme;
  }
  return null;
}

const NAMES = {
  System: ["Custom Theme Auto", "Use system setting"],
  Light: ["Custom Theme Light", "Light"],
  Dark: ["Custom Theme Dark", "Dark"],
};
const named = (streamlit, theme) => streamlit?.availableThemes.find(({ name }) => NAMES[theme].includes(name));

const PAPER = 680; // px: what an A4 sheet has between its margins

/* Plotly draws for the width of the screen: on paper a wide chart is made smaller rather than cut. */
function fitCharts(isPrinted) {
  for (const chart of document.querySelectorAll(".js-plotly-plot"))
    chart.style.zoom = isPrinted ? Math.min(1, PAPER / chart.scrollWidth) : "";
}

/* Paper is white: a page is printed in the light theme. React draws at once only what a click has changed. */
function printLight(root) {
  const passing = (theme) => root.isConnected && theme && Object.assign(make("i"), {
    onclick: () => themesOfStreamlit()?.setTheme(theme, { persist: false }),
  }).click();
  window.addEventListener("beforeprint", () => {
    const streamlit = themesOfStreamlit();
    root.before = streamlit?.activeTheme;
    passing(named(streamlit, "Light"));
    if (root.isConnected) fitCharts(true);
  });
  window.addEventListener("afterprint", () => {
    passing(root.before);
    fitCharts(false);
  });
}

function change(theme, pages) {
  const streamlit = themesOfStreamlit();
  const wanted = named(streamlit, theme);
  if (wanted) streamlit.setTheme(wanted);
  keepForAll(theme, pages);
  if (!wanted) location.reload();
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".theme-toggle");
  root.theme ??= current();
  if (!root.group) {
    root.group = radioGroup("Theme", THEMES.map((theme) => [theme, theme]), () => root.theme, (theme) => {
      if (theme === root.theme) return;
      root.theme = theme;
      root.group.update();
      change(theme, data.pages);
    }, "segments");
    root.append(root.group);
    printLight(root);
  }
  root.group.update();
}
