"""Every page of the catalogue: it opens, its controls go to their ends, and no link spoils it."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from playground import catalog
from tests.pages.helpers import controls_of_links, open_page
from tests.pages.markdown import markdown

PAGES = [page.file for page in (catalog.HOME, *catalog.LESSONS)]
GARBAGE = "999999999 <script>"


def ends(app: AppTest) -> Iterator[tuple[str, str, Any]]:
    """Kind, key and value of each control's ends."""
    for kind in ("slider", "number_input"):
        yield from ((kind, widget.key, end) for widget in getattr(app, kind) for end in (widget.min, widget.max))
    for kind in ("selectbox", "segmented_control"):
        for widget in getattr(app, kind):
            yield from ((kind, widget.key, end) for end in {widget.options[0], widget.options[-1]})
    for widget in app.select_slider:  # its options are shown as text, and set as the numbers they are
        yield from (("select_slider", widget.key, float(end)) for end in (widget.options[0], widget.options[-1]))
    for kind in ("toggle", "checkbox"):
        yield from ((kind, widget.key, not widget.value) for widget in getattr(app, kind))


def usable(kind: str, key: str, end: Any, app: AppTest) -> bool:
    """Still there, since one control can put another away, and open to being moved."""
    found = [widget for widget in getattr(app, kind) if widget.key == key]
    return end is not None and bool(found) and not found[0].disabled


@cache
def at_first(file: str) -> AppTest:
    """The page as a visitor finds it, for tests that only look."""
    return open_page(file)


def is_fine(app: AppTest, what: object) -> None:
    assert not app.exception, f"{what}: {[error.message for error in app.exception]}"


@pytest.mark.parametrize("file", PAGES)
def test_page_opens_with_its_title_and_its_point(file):
    app = at_first(file)
    is_fine(app, file)
    assert app.title[0].value == (catalog.by_file(file).title if file != "home" else "CNN Playground")
    assert len(app.markdown) > 0
    assert controls_of_links(app) or file in ("home", "convolution")


@pytest.mark.parametrize("file", PAGES)
def test_every_row_of_a_table_has_as_many_cells_as_its_head(file):
    app = at_first(file)
    tables = [text for text in markdown(app) if re.search(r"^\|-", text, re.MULTILINE)]
    for lines in ([line for line in text.splitlines() if line.startswith("|")] for text in tables):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1, lines[:3]
    assert tables or file not in ("activations", "gradients", "pooling", "normalization", "optimizers", "dropout")


@pytest.mark.parametrize("file", PAGES)
def test_every_control_can_go_to_its_ends_and_back(file):
    app = open_page(file)
    for kind, key, end in list(ends(app)):
        if not usable(kind, key, end, app):
            app.run()  # the last control redrew what follows it and no control, and AppTest knows of nothing else then
        if usable(kind, key, end, app):
            widget = getattr(app, kind)(key=key)
            before = widget.value
            widget.set_value(end).run()
            is_fine(app, (key, end))
            if not usable(kind, key, before, app):
                app.run()
            if usable(kind, key, before, app):
                getattr(app, kind)(key=key).set_value(before)
    is_fine(app.run(), "back at the start")


@pytest.mark.parametrize("file", PAGES)
def test_a_spoilt_link_opens_the_page_all_the_same(file):
    keys = sorted({key for _, key, _ in ends(at_first(file)) if key})
    is_fine(open_page(file, **dict.fromkeys(keys, GARBAGE)), keys)
    is_fine(open_page(file, **dict.fromkeys(keys, "")), "empty")
    is_fine(open_page(file, **dict.fromkeys(keys, "-1e308")), "far off")
