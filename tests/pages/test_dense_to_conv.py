"""Fully connected vs. convolution: its worked numbers, and its printed code."""

import re

import numpy as np
import pytest

from core.lessons.dense_to_conv.layers import DenseVsConvSetup, compare
from tests.pages.helpers import open_page


def everything(page) -> str:
    return "\n".join(text.value for text in page.markdown)


def test_opens_on_225_against_9():
    page = open_page("dense_to_conv")
    assert not page.exception
    assert any(r"25 \cdot 9 = 225" in text.value for text in page.latex)
    assert "**50,176**" in everything(page)
    assert "**50**" in everything(page)


def test_colour_and_small_pictures():
    assert "**140**" in everything(open_page("dense_to_conv", dc_ch="Colour"))
    assert "**1,024**" in everything(open_page("dense_to_conv", dc_side="32"))


@pytest.mark.parametrize(("size", "padding"), [("5", "0"), ("8", "1")])
def test_printed_code_gives_the_drawn_output(size, padding):
    page = open_page("dense_to_conv", dc_size=size, dc_padding=padding)
    names = {}
    exec(page.code[0].value, names)
    comparison = compare(DenseVsConvSetup(size=int(size), padding=int(padding)))
    np.testing.assert_allclose(names["output"].numpy(), comparison.output, atol=1e-6)
    np.testing.assert_allclose(names["of_dense"](names["shifted"](names["image"])), comparison.dense_output, atol=1e-9)
    count = re.search(r"\*\*Fully connected layer\*\*: ([\d,]+) weights", everything(page)).group(1)
    assert (names["dense"].weight.numel(), names["conv"].weight.numel()) == (int(count.replace(",", "")), 9)


def test_challenge_is_solved_by_padding_and_not_before():
    assert "Solved" not in everything(open_page("dense_to_conv"))
    assert "Solved" in everything(open_page("dense_to_conv", dc_size="5", dc_padding="1"))
