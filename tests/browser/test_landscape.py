"""The optimizers' surface in Chromium: pointer and arrow keys move the start, and the address keeps it."""

from urllib.parse import parse_qs, urlparse

import pytest

from tests.browser.visit import Visit

pytestmark = pytest.mark.browser


def start(found: Visit) -> tuple[str | None, ...]:
    """The start as the address has it."""
    query = parse_qs(urlparse(found.page.url).query)
    return tuple(query.get(key, [None])[0] for key in ("op_x", "op_y"))


def test_click_and_arrow_keys_move_the_start_and_the_link_keeps_it(visit):
    found = visit("/optimizers", reduced=True)
    view = found.page.locator(".landscape .view")
    view.wait_for(timeout=60_000)
    assert found.page.locator(".landscape output").inner_text() == "step 150 of 150"  # nothing moves by itself
    box = view.bounding_box()
    view.click(position={"x": box["width"] * 0.75, "y": box["height"] * 0.25})
    found.page.wait_for_url("**op_x=1.5*", timeout=30_000)
    found.page.wait_for_url("**op_y=1.*", timeout=30_000)
    assert [round(float(value), 1) for value in start(found)] == [1.5, 1.9]
    view.focus()
    found.page.keyboard.press("ArrowRight")
    found.page.wait_for_url("**op_x=1.6*", timeout=30_000)
    found.settle()
    said = found.page.locator(".landscape .place").inner_text()
    found.page.reload()
    view.wait_for(timeout=60_000)
    assert found.page.locator(".landscape .place").inner_text() == said
    assert found.problems() == []
