"""The optimizers' surface in Chromium: pointer and arrow keys move the start, and the address keeps it."""

from urllib.parse import parse_qs, urlparse

import pytest

from tests.browser.visit import Visit

pytestmark = pytest.mark.browser
TURN = "await new Promise(done => requestAnimationFrame(() => setTimeout(done)))"  # what waits for fonts has its turn


def start(found: Visit) -> tuple[str | None, ...]:
    """The start as the address has it."""
    query = parse_qs(urlparse(found.page.url).query)
    return tuple(query.get(key, [None])[0] for key in ("op_x", "op_y"))


def test_click_and_arrow_keys_move_the_start_and_the_link_keeps_it(visit):
    found = visit("/optimizers", reduced=True)
    view = found.page.locator(".loss-surface .view")
    view.wait_for()
    assert found.page.locator(".loss-surface output").inner_text() == "Step 150 of 150"  # nothing moves by itself
    box = view.bounding_box()
    view.click(position={"x": box["width"] * 0.75, "y": box["height"] * 0.25})
    found.page.wait_for_url("**op_x=1.5*")
    found.page.wait_for_url("**op_y=1.*")
    assert [round(float(value), 1) for value in start(found)] == [1.5, 1.9]
    view.focus()
    found.page.keyboard.press("ArrowRight")
    found.page.wait_for_url("**op_x=1.6*")
    found.settle()
    said = found.page.locator(".loss-surface .position").inner_text()
    found.page.reload()
    view.wait_for()
    assert found.page.locator(".loss-surface .position").inner_text() == said
    assert found.problems() == []


def test_written_steps_follow_a_slider_in_place_and_fit_a_phone(visit):
    found = visit("/optimizers?op_one=AdamW&op_weight_decay=0.1", width=390, reduced=True)
    first = found.page.locator(".formula math").nth(1)
    first.wait_for()
    assert "2.5−0.1⋅0.1⋅2.5=2.475" in first.text_content()
    steps = found.page.locator(".formula .view").nth(1)
    steps.evaluate("view => { view.dataset.kept = 'yes'; }")
    found.page.wait_for_function("() => document.fonts.status === 'loaded'")
    wide = "views => views.filter(view => view.scrollWidth > view.clientWidth + 1).length"
    assert (
        found.page.locator(".formula .view").evaluate_all(f"async views => {{ {TURN}; return ({wide})(views); }}") == 0
    )
    assert found.sideways() == 0
    found.page.locator(".st-key-op_lr input[type=range]").focus()
    found.page.keyboard.press("ArrowRight")
    found.page.wait_for_url("**op_lr=0.2*")
    found.page.locator(".formula .view[data-kept=yes]", has_text="2.5−0.2⋅0.1⋅2.5=2.45").wait_for()
    assert found.problems() == []
