"""Links hold the whole state: every control has its key in the address, and what a link says is what is shown."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from playground import catalog
from tests.pages.helpers import components, controls_of_links, nodes, open_page

PARTS = {
    "kernels": ("One kernel", "A first conv block", "Denoising", "Find the hidden kernel"),
    "normalization": ("The cube", "Before and after", "Order in a block", "Train vs. eval", "Batch size"),
    "augmentation": ("Random samples", "Letters and digits", "MixUp & CutMix"),
    "calculator": ("Memory", "Layer solver", "Deep stacks"),
}
STATES = [(lesson.file, part) for lesson in catalog.LESSONS for part in PARTS.get(lesson.file, ("",))]
QUICK = ("kernels", "dense_to_conv", "upsampling", "calculator")  # the others compute for seconds


def opened(file: str, part: str, **query: Any) -> AppTest:
    key = "ca_tab" if file == "calculator" else "part"
    return open_page(file, **({key: part} if part else {}), **query)


def another_value(widget: Any) -> tuple[str, Any] | None:
    """What the address would say for another value of a control, and that value; None for other kinds of control."""
    kind = widget.type
    if kind in ("slider", "number_input") and not isinstance(widget.value, list | tuple):
        value = widget.min if widget.value != widget.min else widget.min + widget.step  # the least is computed soonest
        return str(value), value
    if kind == "toggle":
        return str(not widget.value).lower(), not widget.value
    return None


@pytest.mark.parametrize(
    ("file", "part"), [pytest.param(*state, marks=() if state[0] in QUICK else pytest.mark.soak) for state in STATES]
)
def test_every_control_is_in_the_address_and_opens_as_the_address_says(file, part):
    linked: dict[str, str] = {}
    expected: dict[str, Any] = {}
    for node in controls_of_links(opened(file, part)):
        changed = None if node.disabled else another_value(node)
        if changed is not None:
            linked[node.key], expected[node.key] = changed
    again = opened(file, part, **linked)
    assert not again.exception
    drawn = {node.key: node.value for node in nodes(again) if getattr(node, "key", None) in expected}
    wrong = {key: (value, expected[key]) for key, value in drawn.items() if value != expected[key]}
    assert drawn or not expected
    assert not wrong


def test_tabs_of_a_page_are_in_the_address():
    for file, query in (("gradients", {"g_tab": "Network B"}), ("normalization", {"part": "Batch size"})):
        app = open_page(file, **query)
        assert not app.exception
        assert any(app.session_state[key] == value for key, value in query.items())


def test_the_guess_at_the_hidden_kernel_is_in_the_address():
    part = {"part": "Find the hidden kernel"}
    guess = components(open_page("kernels", **part, r_mine="1 0 0; 0 2 0; 0 0 -1"), "grid")
    assert [[1.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, -1.0]] in [one["values"] for one in guess]
    spoilt = components(open_page("kernels", **part, r_mine="1; x <b>"), "grid")
    assert [[0.0] * 3] * 3 in [one["values"] for one in spoilt]


def test_the_row_chosen_in_the_layer_solver_is_in_the_address():
    lines = []
    for row in ("", "1", "99999999", "x"):
        page = open_page("calculator", ca_tab="Layer solver", **({"cs_row": row} if row else {}))
        assert not page.exception
        lines.append(next(code.value for code in page.code if code.value.startswith("nn.Conv2d(in_channels")))
    assert lines[1] != lines[0] == lines[2] == lines[3]
