"""The pooling page: its printed lines give its printed figures."""

import contextlib
import io

import pytest

from core.layers.pooling import POOLINGS
from tests.pages.helpers import open_page

MAPS = [name for name, entry in POOLINGS.items() if entry.gives == "map"]


@pytest.mark.parametrize("kind", MAPS)
@pytest.mark.parametrize("filtered", ["true", "false"])
def test_printed_lines_give_the_printed_count(kind, filtered):
    page = open_page("pooling", po_kind=kind, po_filtered=filtered, po_right="2", po_draw="3")
    assert not page.exception
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(page.code[0].value, {})
    before, after = (line.split(": ")[1].split(" of ") for line in printed.getvalue().splitlines())
    assert f"**{int(before[0]):,}** of its {int(before[1]):,} values stay the same" in page.markdown[1].value
    assert f"after pooling, **{int(after[0]):,}** of {int(after[1]):,} do" in page.markdown[1].value


def test_challenge_can_be_solved():
    page = open_page(
        "pooling",
        po_kind="Max",
        po_right="2",
        po_kernel_size="8",
        po_picture="Photographer, in grey",
        po_filtered="false",
    )
    assert any("Solved" in text.value for text in page.markdown)
    page = open_page("pooling")
    assert not any("Solved" in text.value for text in page.markdown)


def test_pyramid_formula_adds_up():
    page = open_page("pooling", po_c="3", po_levels="4")
    assert any(r"3 \cdot (1 + 4 + 16 + 64) = 255" in text.value for text in page.latex)
