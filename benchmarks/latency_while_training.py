"""How much slower other pages are while a network trains on the same machine, and what a spectator costs the server.

    python -m benchmarks.latency_while_training [PAGE]

A slider of a lesson is moved before a run, during it and after it, in one browser, so that a noisy machine disturbs all
alike; it is the ratio that holds. Goal: at most 1.5. It is told twice: with the run's moving curves in another window
of this very browser, and without, as for a student at a computer of their own. The server's processor time with a
spectator is counted over some seconds, which load on the machine hardly changes.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from contextlib import contextmanager

import psutil
from playwright.sync_api import Browser, Page

from benchmarks.latency import moves, stamped
from tests.browser import chromium

TRAINING = "training?tz=64&tnow_epochs=60"
SECONDS, PATIENCE = 20.0, 240_000
ROUNDS = 4


def wait_ms(page: Page) -> float:
    """Median wait after a move of the page's first slider."""
    return statistics.median(moves(page.locator("[data-testid=stSlider] input[type=range]").first))


@contextmanager
def a_run(browser: Browser, app: str):
    """A run that goes on while the block runs, watched by one browser."""
    page = browser.new_context(viewport={"width": 1366, "height": 900}).new_page()
    page.goto(f"{app}/{TRAINING}")
    page.get_by_role("button", name="Start training").click(timeout=PATIENCE)
    page.locator("[data-testid=stVegaLiteChart]").first.wait_for(timeout=PATIENCE)
    yield page
    page.get_by_role("button", name="Stop", exact=True).click(timeout=PATIENCE)
    page.get_by_text("Stopped after").first.wait_for(timeout=PATIENCE)
    page.context.close()


@contextmanager
def looking_away(page: Page):
    """The browser shows an empty page meanwhile."""
    url = page.url
    page.goto("about:blank")
    yield
    page.goto(url)
    page.get_by_role("button", name="Stop", exact=True).wait_for(timeout=PATIENCE)


def server() -> psutil.Process:
    """The app that we serve."""
    return next(child for child in psutil.Process().children() if "streamlit" in " ".join(child.cmdline()))


def cpu_share(seconds: float) -> float:
    """Seconds of processor time that the server takes a second."""

    def used() -> float:
        times = server().cpu_times()
        return times.user + times.system

    before, since = used(), time.monotonic()
    time.sleep(seconds)
    return (used() - before) / (time.monotonic() - since)


def main(file: str) -> float:
    with tempfile.TemporaryDirectory() as cache, chromium.browsing() as browser:
        os.environ["CNN_PLAYGROUND_CACHE"] = cache
        os.environ.pop("CNN_PLAYGROUND_NICENESS", None)  # that of the tests
        with chromium.serving() as app, stamped(browser, f"{app}/{file}") as page:
            idle, busy, alone, shares = [wait_ms(page)], [], [], []
            for _ in range(ROUNDS):
                with a_run(browser, app) as watching:
                    busy.append(wait_ms(page))
                    shares.append(cpu_share(SECONDS / ROUNDS))
                    with looking_away(watching):
                        alone.append(wait_ms(page))
                idle.append(wait_ms(page))
    free, watched, unwatched = map(statistics.mean, (idle, busy, alone))
    print(f"a slider of {file}: {free:.0f} ms idle, {watched:.0f} ms while training, {unwatched:.0f} ms if unwatched")
    print(f"one spectator takes {statistics.mean(shares):.2f} s of the server's processor time a second")
    print(f"while training {watched / free:.2f}x (goal 1.5), {unwatched / free:.2f}x if nobody here watches the run")
    return watched / free


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["activations"]))
