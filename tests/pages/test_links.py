"""Links hold the whole state: every control has its key in the address, and what a link says is what is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from playground import catalog
from tests.pages.helpers import components, open_page

PARTS = {
    "kernels": ("One kernel", "A first conv block", "Denoising", "Find the hidden kernel"),
    "normalization": ("The cube", "Before and after", "Order in a block", "Train vs. eval", "Batch size"),
    "augmentation": ("Random samples", "Letters and digits", "MixUp & CutMix"),
    "calculator": ("Memory", "Layer solver", "Deep stacks"),
}
STATES = [(lesson.file, part) for lesson in catalog.LESSONS for part in PARTS.get(lesson.file, ("",))]
# What only unfolds a text, and a control of a run that a link cannot start.
NOT_IN_LINKS = {"expander", "popover", "button", "download_button", "file_uploader"}


def opened(file: str, part: str, **query: Any) -> AppTest:
    key = "ca_tab" if file == "calculator" else "part"
    return open_page(file, **({key: part} if part else {}), **query)


def nodes(app: AppTest) -> Iterator[Any]:
    def walk(node: Any) -> Iterator[Any]:
        for child in getattr(node, "children", {}).values():
            yield child
            yield from walk(child)

    return walk(app.main)


def another_value(widget: Any) -> tuple[str, Any] | None:
    """What the address would say for another value of a control, and that value; None for other kinds of control."""
    kind = widget.type
    if kind in ("slider", "number_input") and not isinstance(widget.value, list | tuple):
        value = widget.min if widget.value != widget.min else widget.min + widget.step  # the least is computed soonest
        return str(value), value
    if kind == "toggle":
        return str(not widget.value).lower(), not widget.value
    return None


@pytest.mark.parametrize(("file", "part"), STATES)
def test_every_control_is_in_the_address_and_opens_as_the_address_says(file, part):
    app = opened(file, part)
    linked: dict[str, str] = {}
    expected: dict[str, Any] = {}
    for node in nodes(app):
        proto = getattr(node, "proto", None)
        if node.type in NOT_IN_LINKS or not hasattr(proto, "query_param_key"):
            continue
        assert proto.query_param_key, (node.type, proto.label)
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
