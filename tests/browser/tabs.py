"""Tabs that tests use one after the other: where the app has been shown before, its scripts are compiled already."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tests.browser import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_FORGET = "() => { localStorage.clear(); sessionStorage.clear(); window.name = ''; }"


class Tabs:
    """Tabs in contexts of their own, all on one app. Each is lent as empty as a new one: nothing stored, no cookies."""

    def __init__(self, browser: Browser, app: str) -> None:
        self.browser = browser
        self.plain = f"{app}/_stcore/health"  # of the app's origin, and without a script
        self.free: dict[bool, list[Page]] = defaultdict(list)

    @contextlib.contextmanager
    def lent(
        self, width: int = 1366, height: int = 900, dark: bool = False, reduced: bool = False, touch: bool = False
    ) -> Iterator[Page]:
        """A tab for as long as the block runs; one whose block fails is not used again."""
        page = self.free[touch].pop() if self.free[touch] else self._new(touch)
        try:
            page.set_viewport_size({"width": width, "height": height})
            motion = "reduce" if reduced else "no-preference"
            page.emulate_media(media="null", color_scheme="dark" if dark else "light", reduced_motion=motion)
            yield page
            self._clean(page)
        except BaseException:
            page.context.close()
            raise
        self.free[touch].append(page)

    def _new(self, touch: bool) -> Page:
        return chromium.new_page(self.browser, has_touch=touch)

    def _clean(self, page: Page) -> None:
        page.goto(self.plain)
        page.mouse.move(-1, -1)
        page.evaluate(_FORGET)
        page.context.clear_cookies()
        page.context.clear_permissions()
