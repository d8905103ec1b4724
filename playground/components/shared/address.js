/* What a component shows, in the address bar: a link holds it, and the server need not know.

   Now and then Streamlit writes an address of its own, without what stands here: then it is written again. */

const WRITE_AFTER_MS = 250; // browsers refuse to have the address changed at every move of a pointer
const ADDRESSED = (window.cnnPlaygroundViews ??= watched(new Map())); // shared by all components: key -> { root, page, text }

/* The word that a link brings for `key`, cut at "_"; no parts without one. */
export function linkedParts(key) {
  return (new URLSearchParams(location.search).get(key) ?? "").split("_").filter(Boolean);
}

/* A number of a link, or `otherwise` where it is none or out of bounds. */
export function linkedNumber(text, low, high, otherwise) {
  const number = text === undefined ? NaN : Number(text);
  return number >= low && number <= high ? number : otherwise;
}

/* From now on the address has these parts for `key` while `root` is on the page; nothing where there are none. */
export function keepInAddress(key, root, parts) {
  const text = parts.join("_");
  const known = ADDRESSED.get(key);
  if (known?.root === root && known.text === text) return;
  ADDRESSED.set(key, { root, page: location.pathname, text });
  clearTimeout(ADDRESSED.timer);
  ADDRESSED.timer = setTimeout(ADDRESSED.write, WRITE_AFTER_MS);
}

function watched(views) {
  views.address = () => {
    const url = new URL(location.href);
    for (const [key, { root, page, text }] of views) {
      const present = root.isConnected && page === location.pathname;
      if (present && text) url.searchParams.set(key, text);
      else url.searchParams.delete(key);
      if (!present) views.delete(key);
    }
    return url;
  };
  views.write = () => {
    const url = views.address().href;
    if (url !== location.href) history.replaceState(history.state, "", url);
  };
  window.navigation?.addEventListener("currententrychange", () => setTimeout(views.write));
  return views;
}
