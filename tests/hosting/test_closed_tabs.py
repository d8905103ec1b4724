"""What a tab held goes when it is closed; one that has lost its connection finds its session again."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from websockets.frames import CloseCode

from benchmarks.streamlit_client import Tab, opened
from tests.browser import chromium
from tests.hosting.asgi import to_its_end

APP = Path(__file__).with_name("closing_app.py")


@pytest.fixture(scope="module")
def url():
    with chromium.serving(APP) as address:
        yield address


async def kept(url: str) -> int:
    """How many sessions are kept, as a new visitor sees it, who leaves as a browser does."""
    await asyncio.sleep(0.5)  # until the server has heard of those who have left
    tab, _ = await opened(url, "")
    await tab.leave()
    return int(tab.texts[-1].split()[0])


async def kept_before_and_after(url: str, leave: Callable[[Tab], Awaitable[None]]) -> tuple[int, int]:
    """Around three visits that end so."""
    await kept(url)  # the first visitor's connection was there before the app was
    before = await kept(url)
    tabs = [(await opened(url, ""))[0] for _ in range(3)]
    for tab in tabs:
        await leave(tab)
    return before, await kept(url)


async def lose_connection(tab: Tab) -> None:
    tab.socket.transport.abort()


async def end_without_a_reason(tab: Tab) -> None:
    await tab.socket.close(CloseCode.NORMAL_CLOSURE)


@pytest.mark.parametrize(
    ("leave", "more"), [(Tab.leave, 0), (lose_connection, 3), (end_without_a_reason, 3)], ids=["left", "lost", "ended"]
)
def test_who_leaves_a_page_leaves_nothing_and_who_may_come_back_is_waited_for(url, leave, more):
    before, after = to_its_end(kept_before_and_after(url, leave))
    assert after == before + more
