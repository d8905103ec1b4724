"""The app as a visitor meets it, for the benchmarks that look through a browser: server, Chromium, a run to watch."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

TRAINING = "/training?tz=64&tnow_epochs=60"
PATIENCE = 240_000  # ms


@contextmanager
def folder() -> Iterator[Path]:
    """A place for what servers started inside keep: nobody's unfinished runs go on meanwhile."""
    with tempfile.TemporaryDirectory() as path:
        os.environ["CNN_PLAYGROUND_CACHE"] = path
        os.environ.pop("CNN_PLAYGROUND_NICENESS", None)  # that of the tests
        yield Path(path)


@contextmanager
def visit(browser: Browser, url: str, script: str = "", **options: str) -> Iterator[Page]:
    """A visitor of their own, on a page that runs `script` first; `options` are those of `goto`."""
    context = browser.new_context(viewport={"width": 1366, "height": 900})
    page = context.new_page()
    page.add_init_script(script)
    page.goto(url, **options)
    yield page
    context.close()


def stop(page: Page) -> None:
    """End the run that the page watches."""
    page.get_by_role("button", name="Stop", exact=True).click(timeout=PATIENCE)
    page.get_by_text("Stopped after").first.wait_for(timeout=PATIENCE)
