"""How long a visitor waits: for home, and after moving a slider, against a bare Streamlit page in the same run.

    python -m benchmarks.latency [PAGE ...]

A noisy machine disturbs both sides alike, so it is the ratio that holds. Home: from a fresh visit until the script has
ended and its last element stands. Slider: from an arrow key until the browser has painted the last answer.
Goals: home at most 1.5 times an empty page, a slider at most twice the bare slider.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Locator, Page

from benchmarks.in_browser import folder, visit
from playground import catalog
from tests.browser import chromium

BARE = "import streamlit as st\nst.write(st.slider('bare', 0, 100, 50))\n"
VISITS, MOVES, WARM, QUIET_MS = 9, 8, 2, 300
UP = """selector => {
  const app = document.querySelector('[data-testid=stApp]');
  return app && app.dataset.testScriptState === 'notRunning' && document.querySelector(selector) && performance.now();
}"""
# Stamps the time at which the page has dealt with the latest message from the server: idle, then painted.
STAMP = """
window.__sent = 0; window.__settled = 0;
const Native = window.WebSocket;
window.WebSocket = class extends Native {
  constructor(...args) {
    super(...args);
    this.addEventListener('message', () => requestIdleCallback(
      () => requestAnimationFrame(() => { window.__settled = performance.now(); }), { timeout: 2000 }));
  }
  send(...args) { window.__sent += 1; return super.send(...args); }
};
"""


def opening_ms(browser: Browser, url: str, selector: str) -> float:
    """From the start of a first visit until `selector` stands and the script has ended."""
    with visit(browser, url, wait_until="commit") as page:
        return page.wait_for_function(UP, arg=selector, polling="raf", timeout=60_000).json_value()


def compare_opening(browser: Browser, bare: str, app: str) -> float:
    """Turn by turn, so that both meet the same machine; prints and returns the ratio of the medians."""
    pages = {"empty page": (bare, "[data-testid=stSlider]"), "home": (f"{app}/", ".st-key-card-training a")}
    for url, selector in pages.values():
        for _ in range(WARM):
            opening_ms(browser, url, selector)
    took = {name: [] for name in pages}
    for _ in range(VISITS):
        for name, (url, selector) in pages.items():
            took[name].append(opening_ms(browser, url, selector))
    medians = {name: statistics.median(times) for name, times in took.items()}
    ratio = medians["home"] / medians["empty page"]
    print(", ".join(f"{name} {median:.0f} ms" for name, median in medians.items()), f"-> {ratio:.2f}x")
    return ratio


@contextmanager
def stamped(browser: Browser, url: str) -> Iterator[Page]:
    with visit(browser, url, STAMP) as page:
        chromium.settle(page)
        page.wait_for_timeout(1000)
        yield page


def moves(knob: Locator) -> list[float]:
    """Times in ms of a slider's moves; empty for one that asks nothing of the server."""
    took, page = [], knob.page
    for turn in range(MOVES + WARM):
        knob.focus()
        sent, start = page.evaluate("() => [window.__sent, performance.now()]")
        page.keyboard.press("ArrowRight" if turn % 2 == 0 else "ArrowLeft")
        page.wait_for_timeout(QUIET_MS)
        if page.evaluate("() => window.__sent") == sent:
            return []
        page.wait_for_function(
            "([start, quiet]) => window.__settled > start && performance.now() - window.__settled > quiet",
            arg=[start, QUIET_MS],
            timeout=60_000,
        )
        took.append(page.evaluate("() => window.__settled") - start)
    return took[WARM:]


def sliders(browser: Browser, url: str) -> Iterator[tuple[str, float]]:
    """Name and median wait of every slider: of the page as it opens, then of closed boxes, opened for it."""
    with stamped(browser, url) as page:
        yield from measured(page.locator("[data-testid=stSlider]:not([data-testid=stExpander] *)"))
        unfold(page)
        yield from measured(page.locator("[data-testid=stExpander] [data-testid=stSlider]"), ", in a box")
        boxes = page.locator("[data-testid=stPopover] button[aria-expanded]")
        for index in range(boxes.count()):
            boxes.nth(index).click()
            chromium.settle(page)
            yield from measured(page.locator("[data-testid=stPopoverBody] [data-testid=stSlider]"), ", in a box")
            page.keyboard.press("Escape")
            page.locator("[data-testid=stPopoverBody]").first.wait_for(state="hidden")


def unfold(page: Page) -> None:
    """Open every expander that has a slider in it."""
    closed = page.locator("[data-testid=stExpander] details:not([open]):has([data-testid=stSlider]) > summary")
    while closed.count():
        closed.first.click()
        chromium.settle(page)
        page.wait_for_timeout(QUIET_MS)


def measured(sliders: Locator, where: str = "") -> Iterator[tuple[str, float]]:
    """Name and median wait of those that can be moved now."""
    for index in range(sliders.count()):
        knob = sliders.nth(index).locator("input[type=range]")
        if knob.count() != 1 or knob.is_disabled() or not knob.is_visible():
            continue
        name = sliders.nth(index).inner_text().strip().splitlines()[0]
        if times := moves(knob):
            yield f"{name}{where}", statistics.median(times)


def compare_sliders(browser: Browser, bare: str, app: str, files: list[str]) -> float:
    """Every page's sliders against the bare one; prints them and returns the worst ratio."""
    worst = 0.0
    for file in files:
        base = next(sliders(browser, bare))[1]
        for name, median in sliders(browser, f"{app}/{file}"):
            against = f"{median / base:.2f}x the bare slider's {base:.0f} ms"
            print(f"{file:16} {name:28} {median:5.0f} ms  {against}", flush=True)
            worst = max(worst, median / base)
    return worst


def main(files: list[str]) -> None:
    with folder() as cache, chromium.browsing() as browser:
        script = cache / "bare.py"
        script.write_text(BARE, encoding="utf-8")
        with chromium.serving(script) as bare, chromium.serving() as app:
            home = compare_opening(browser, bare, app)
            worst = compare_sliders(browser, bare, app, files or [page.file for page in catalog.LESSONS])
    print(f"home {home:.2f}x an empty page (goal 1.5), worst slider {worst:.2f}x a bare one (goal 2)")


if __name__ == "__main__":
    main(sys.argv[1:])
