"""One app and one Chromium for all browser tests; without Chromium they skip, but never in CI."""

from __future__ import annotations

import contextlib
import importlib.util
import os
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browser import chromium
from tests.browser.tabs import Tabs
from tests.browser.visit import Visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser

VISITS = pytest.StashKey[list[Visit]]()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not chromium.executable():
        _go_without("no Chromium on this machine (apt-get install chromium, or set CHROMIUM)")
    if importlib.util.find_spec("playwright") is None:
        _go_without("the playwright package is not installed (requirements-dev.txt)")
    from playwright.sync_api import expect

    expect.set_options(timeout=chromium.PATIENCE_S * 1000)
    with chromium.browsing() as running:
        yield running


def _go_without(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"{reason}: in CI the browser tests must run")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def app() -> Iterator[str]:
    """The address of the running app."""
    with chromium.serving() as url:
        yield url


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a test that failed saw last goes into its report."""
    report = yield
    if report.when == "call" and report.failed:
        for number, each in enumerate(item.stash.get(VISITS, [])):
            with contextlib.suppress(Exception):
                text = each.page.inner_text("[data-testid=stMain]", timeout=5000)
                report.sections.append((f"page {number}: {each.page.url}", "\n".join(filter(None, text.split("\n")))))
    return report


@pytest.fixture(scope="session")
def tabs(app: str, browser: Browser) -> Tabs:
    return Tabs(browser, app)


@pytest.fixture
def visit(app: str, tabs: Tabs, request: pytest.FixtureRequest) -> Iterator[Callable[..., Visit]]:
    """`visit("/kernels?k=5", width=390, dark=True, reduced=True)` opens a page and waits for it."""
    visits = request.node.stash.setdefault(VISITS, [])
    with contextlib.ExitStack() as lent:

        def opened(path: str, **how: int) -> Visit:
            visits.append(Visit(lent.enter_context(tabs.lent(**how)), app + path))
            return visits[-1]

        yield opened
        for each in visits:
            each.end()
