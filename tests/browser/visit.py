"""A page opened in Chromium, and what went wrong on it."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from tests.browser import chromium

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Error, Page

_WIDER = """() => Math.max(...[document.documentElement, document.querySelector('[data-testid=stMain]')]
  .map((box) => box.scrollWidth - box.clientWidth))"""
NOISE = ("_stcore/host-config", "_stcore/health")  # at a deep link Streamlit itself first asks at the wrong place


def take_photo(page: Page) -> None:
    """A photograph from the camera, which may not be on yet at the first click."""
    from playwright.sync_api import Error

    there = page.get_by_role("button", name="Clear photo")
    button = page.get_by_role("button", name="Take photo")
    give_up = time.monotonic() + chromium.PATIENCE_S
    while not there.is_visible():
        assert time.monotonic() < give_up, "the camera takes no photograph"
        if button.is_visible():
            with contextlib.suppress(Error):  # the button has just gone: the photograph is there
                button.click(timeout=5000)
        page.wait_for_timeout(1000)


class Visit:
    """A page in a tab; `errors` are what the console complained of so far."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", self._complain)
        page.goto(url)
        self.settle()

    def end(self) -> None:
        """Let go of the tab, which somebody else may get."""
        self.page.remove_listener("console", self._hear)
        self.page.remove_listener("pageerror", self._complain)

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self._note(f"{said.text} {said.location['url']}")

    def _complain(self, error: Error) -> None:
        self._note(str(error))

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
        """By how many pixels the page is wider than its window, once nothing moves any more that will fit."""
        for _ in range(600):
            wider = self.page.evaluate(_WIDER)
            if wider <= 0:
                break
            self.page.wait_for_timeout(100)
        return wider
