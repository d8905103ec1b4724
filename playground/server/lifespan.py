"""From the start of a server to its end: what it does before its first visitor comes, and what it leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.concurrency import run_in_threadpool
from streamlit import cli_util, config
from streamlit.web.server import server_util

from playground import navigation, startup

BROWSER_AFTER_S = 0.1  # the server answers as soon as this module lets it


@asynccontextmanager
async def of_server(app: st.App) -> AsyncIterator[None]:
    """PyTorch and all pages are imported and runs of before are taken up, then visitors come; in the end all ends."""
    _prepare()
    await run_in_threadpool(startup.import_pages)
    yield
    await run_in_threadpool(startup.close)


@asynccontextmanager
async def of_own_machine(app: st.App) -> AsyncIterator[None]:
    """The same. Where Streamlit would open a browser, home is in it at once, and is read while the rest is imported."""
    if config.get_option("server.headless"):
        async with of_server(app):
            yield
        return
    _prepare()
    address = server_util.get_url(config.get_option("browser.serverAddress"))
    asyncio.get_running_loop().call_later(BROWSER_AFTER_S, cli_util.open_browser, address)
    pages = asyncio.create_task(run_in_threadpool(startup.import_pages))
    yield
    await pages
    await run_in_threadpool(startup.close)


def _prepare() -> None:
    navigation.use_menu_from_the_start()
    startup.import_torch_in_background()
