"""Sizes that stand in comments beside the layers tell the input, where they come out of the network."""

from __future__ import annotations

import pytest

from core.parsing import parse

NETWORK = """
import torch
from torch import nn

class Net(nn.Module):
    \"\"\"{about}\"\"\"
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1)  # {first}
        self.pool = nn.MaxPool2d(2)  # {second}
        self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
        self.head = nn.AdaptiveAvgPool2d(1)  # {third}

    def forward(self, x):
        return self.head(self.conv2(self.pool(self.conv1(x))))
"""


def read(first: str = "", second: str = "", third: str = "", about: str = "A network."):
    return parse(NETWORK.format(first=first, second=second, third=third, about=about))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("[3, 80, 60] -> [8, 80, 60]", "[8, 40, 30]"),
        ("output: 8x80x60", "output: 8 x 40 x 30"),
        ("(N, 3, 80, 60)", "(N, 8, 40, 30)"),
        ("80*60*3 --> 80*60*8", "40*30*8"),
        ("torch.Size([16, 8, 80, 60])", "torch.Size([16, 8, 40, 30])"),
    ],
)
def test_the_input_is_the_one_with_which_the_sizes_come_out(first, second):
    parsed = read(first, second)
    assert parsed.input_shape == (3, 80, 60)
    assert any("3x80x60" in note and "comments" in note for note in parsed.notes)


def test_a_docstring_counts_as_a_comment():
    assert read("8x80x80", about="Takes images of 3x80x80 pixels.").input_shape == (3, 80, 80)


@pytest.mark.parametrize(
    ("first", "second"),
    [("", ""), ("8x80x60", ""), ("a 3x3 kernel", "2x2"), ("7x80x60", "9x40x30"), ("since 2.1.0", "12, 7, 2019")],
)
def test_sizes_that_do_not_come_out_or_stand_alone_tell_nothing(first, second):
    assert read(first, second).input_shape is None


def test_what_the_text_itself_does_counts_more():
    text = NETWORK.format(first="8x80x60", second="8x40x30", third="", about="") + "\nNet()(torch.zeros(1, 3, 50, 50))"
    assert parse(text).input_shape == (3, 50, 50)
