"""What a server does before its first visitor, with `streamlit run` of either file."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from streamlit import cli_util, config
from streamlit.web.server.app_discovery import discover_asgi_app

from playground import startup
from playground.server import lifespan
from tests.browser.chromium import ROOT


class Server:
    """What was done to it, in order; its pages can be kept from being imported."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, headless: bool) -> None:
        self.events: list[str] = []
        self.may_import = threading.Event()
        self.may_import.set()
        monkeypatch.setattr(startup, "import_torch_in_background", lambda: self.events.append("torch"))
        monkeypatch.setattr(startup, "import_pages", self._import_pages)
        monkeypatch.setattr(startup, "close", lambda: self.events.append("end"))
        monkeypatch.setattr(cli_util, "open_browser", self.events.append)
        monkeypatch.setattr(lifespan, "BROWSER_AFTER_S", 0)
        options = {"server.headless": headless, "browser.serverAddress": "localhost", "browser.serverPort": 1234}
        monkeypatch.setattr(config, "get_option", lambda name: options.get(name) or "")

    def _import_pages(self) -> None:
        self.may_import.wait()
        self.events.append("pages")

    def live(self, of, while_it_lives=lambda: None) -> list[str]:
        async def life() -> None:
            async with of(None):
                self.events.append("visitors")
                await asyncio.sleep(0.01)
                while_it_lives()

        with ThreadPoolExecutor(1) as thread:  # tests in a browser leave an event loop in the main one
            thread.submit(asyncio.run, life()).result()
        return self.events


@pytest.mark.parametrize("of", [lifespan.of_server, lifespan.of_own_machine])
def test_without_a_browser_of_its_own_everything_is_imported_before_the_first_visitor(monkeypatch, of):
    server = Server(monkeypatch, headless=True)
    assert server.live(of) == ["torch", "pages", "visitors", "end"]


def test_the_browser_that_it_opens_need_not_wait_for_the_imports(monkeypatch):
    server = Server(monkeypatch, headless=False)
    server.may_import.clear()
    events = server.live(lifespan.of_own_machine, while_it_lives=server.may_import.set)
    assert events == ["torch", "visitors", "http://localhost:1234", "pages", "end"]


@pytest.mark.parametrize("file", ["streamlit_app.py", "server.py"])
def test_streamlit_serves_both_files_as_apps(file):
    assert discover_asgi_app(Path(ROOT / file)).import_string == f"{Path(file).stem}:app"
