"""A page opened as a visitor opens it: through the door, at its own address."""

import json
import re
import time
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from playground import catalog
from playground.server import config_reads

ROOT = Path(__file__).parents[2]
config_reads.install()  # the first page of a process would do it, over the options that AppTest sets for that run


def page_test(file: str, **query: str) -> AppTest:
    """The app at `pages/<file>.py` with `query` in the address bar, not yet run."""
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=300)
    if file != catalog.HOME.file:
        app.switch_page(f"pages/{file}.py")
    app.query_params.update(query)
    return app


def open_page(file: str, **query: str) -> AppTest:
    """The same, run once."""
    return page_test(file, **query).run()


def nodes(page: AppTest) -> Iterator[Any]:
    """Everything on the page, in its order."""

    def walk(node):
        for child in getattr(node, "children", {}).values():
            yield child
            yield from walk(child)

    return walk(page.main)


def controls_of_links(page: AppTest) -> list[Any]:
    """The controls of the page, all of which are in the address; what only unfolds a text or takes a file is not."""
    others = ("expander", "popover", "button", "download_button", "file_uploader")
    drawn = [node for node in nodes(page) if hasattr(getattr(node, "proto", None), "query_param_key")]
    controls = [node for node in drawn if node.type not in others]
    assert not [node for node in controls if not node.proto.query_param_key], "not in the address"
    return controls


def components(page: AppTest, name: str) -> list:
    """The data of all our own components of that name, in the order of the page."""
    found = [node.proto for node in nodes(page) if node.type == "bidi_component"]
    return [json.loads(proto.json) for proto in found if proto.component_name == name]


def formulas(page: AppTest) -> list[str]:
    """The LaTeX of all formulas that are drawn as MathML."""
    notes = re.compile(r'<annotation encoding="application/x-tex">(.*?)</annotation>', re.DOTALL)
    return [
        unescape(note)
        for blocks in components(page, "formula")
        for block in blocks
        for note in notes.findall(block["math"])
    ]


def choose_tab(page: AppTest, key: str, title: str) -> AppTest:
    """Run the page with a tab open, as its address says: what the address of an earlier run said outlives the state."""
    page.query_params[key] = page.session_state[key] = title
    page.run()
    assert page.exception or page.session_state[key] == title
    return page


def labels(page: AppTest) -> list[str]:
    """What the buttons of the page say."""
    return [button.label for button in page.button]


def rerun_until(page: AppTest, holds: Callable[[], object], tell: Callable[[], object], patience: float) -> AppTest:
    """Run the page until something holds, at most `patience` seconds; a failure shows what `tell` gives."""
    give_up = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < give_up, tell()
        assert not page.exception
        time.sleep(0.2)
        page.run()
    return page
