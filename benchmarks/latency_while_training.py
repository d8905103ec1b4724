"""How much slower other pages are while a network trains on the same machine, and what a spectator costs the server.

    python -m benchmarks.latency_while_training [PAGE]

A slider of a lesson is moved before a run, during it and after it, in one browser, so that a noisy machine disturbs all
alike; it is the ratio that holds. Goal: at most 1.5. It is told twice: with the run's moving curves in another window
of this very browser, and without, as for a student at a computer of their own. The server's processor time with a
spectator is counted over some seconds, which load on the machine hardly changes.
"""

from __future__ import annotations

import statistics
import sys
import time
from contextlib import contextmanager

import psutil
from playwright.sync_api import Browser, Page

from benchmarks.in_browser import PATIENCE, TRAINING, folder, stop, visit
from benchmarks.latency import moves, stamped
from tests.browser import chromium

SECONDS, ROUNDS = 20.0, 4


def wait_ms(page: Page) -> float:
    """Median wait after a move of the page's first slider."""
    return statistics.median(moves(page.locator("[data-testid=stSlider] input[type=range]").first))


@contextmanager
def a_run(browser: Browser, app: str):
    """A run that goes on while the block runs, watched by one browser."""
    with visit(browser, f"{app}{TRAINING}") as page:
        page.get_by_role("button", name="Start training").click(timeout=PATIENCE)
        page.locator("[data-testid=stVegaLiteChart]").first.wait_for(timeout=PATIENCE)
        yield page
        stop(page)


@contextmanager
def looking_away(page: Page):
    """The browser shows an empty page meanwhile."""
    url = page.url
    page.goto("about:blank")
    yield
    page.goto(url)
    page.get_by_role("button", name="Stop", exact=True).wait_for(timeout=PATIENCE)


def cpu_share(seconds: float) -> float:
    """Seconds of processor time that the server takes a second."""
    server = next(child for child in psutil.Process().children() if "streamlit" in " ".join(child.cmdline()))
    before, since = sum(server.cpu_times()[:2]), time.monotonic()  # user and system
    time.sleep(seconds)
    return (sum(server.cpu_times()[:2]) - before) / (time.monotonic() - since)


def main(file: str) -> float:
    with folder(), chromium.browsing() as browser, chromium.serving() as app, stamped(browser, f"{app}/{file}") as page:
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
