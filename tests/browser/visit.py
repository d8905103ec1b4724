"""A page opened in Chromium, and what went wrong on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NOISE = ("_stcore/host-config", "_stcore/health")  # at a deep link Streamlit itself first asks at the wrong place


class Visit:
    """One tab with storage of its own; `errors` are what the console complained of so far."""

    def __init__(
        self,
        browser: Browser,
        url: str,
        width: int = 1366,
        height: int = 900,
        dark: bool = False,
        reduced: bool = False,
    ) -> None:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce" if reduced else "no-preference",
        )
        self.errors: list[str] = []
        context.set_default_timeout(60_000)  # a busy machine is slow, not wrong
        self.page = context.new_page()
        self.page.on("console", lambda said: said.type == "error" and self._note(f"{said.text} {said.location['url']}"))
        self.page.on("pageerror", lambda error: self._note(str(error)))
        self.page.goto(url)
        self.settle()

    def _note(self, text: str) -> None:
        if not any(word in text for word in NOISE):
            self.errors.append(text)

    def settle(self) -> None:
        """Wait until Streamlit has finished."""
        chromium.settle(self.page)

    def problems(self) -> list[str]:
        """Console errors and exception boxes."""
        boxes = self.page.query_selector_all("[data-testid=stException]")
        return self.errors + [box.inner_text()[:300] for box in boxes]

    def sideways(self) -> int:
        """By how many pixels the page is wider than its window."""
        return self.page.evaluate(
            "() => Math.max(...[document.documentElement, document.querySelector('[data-testid=stMain]')]"
            ".map(box => box.scrollWidth - box.clientWidth))"
        )
