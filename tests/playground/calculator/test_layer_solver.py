"""Every layer that the solver lists really turns the one size into the other, and none within its limits is missing."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from torch import nn

from core.errors import ShapeError
from core.shapes import Window
from playground.calculator.tabs import layer_solver

CASES = [
    ("Conv2d", "224", "half"),
    ("Conv2d", "150x100", "same"),
    ("Conv2d", "9", "7x7"),
    ("MaxPool2d", "224", "half"),
    ("MaxPool2d", "13", "6"),
    ("ConvTranspose2d", "7", "double"),
    ("ConvTranspose2d", "7x9", "triple"),
]


def build(line: str) -> nn.Module:
    return eval(line, {"nn": nn, "in_channels": 1, "out_channels": 1}).to("meta")


@pytest.mark.parametrize(("kind", "given", "wanted"), CASES)
def test_each_printed_line_does_it_in_pytorch(kind, given, wanted):
    sides = layer_solver.read_sides(given)
    targets = layer_solver.read_target(wanted, sides)
    found = layer_solver.solve(kind, sides, targets, 5, 2)
    assert found
    height, width = sides * 2 if len(sides) == 1 else sides
    for window in found:
        made = build(layer_solver.line(kind, window))(torch.empty(1, 1, height, width, device="meta"))
        assert tuple(made.shape[2:]) == (targets * 2 if len(targets) == 1 else targets)


def test_nothing_is_missing():
    found = {(w.kernel, w.stride, w.padding, w.dilation) for w in layer_solver.solve("Conv2d", (9,), (4,), 4, 2)}
    x = torch.empty(1, 1, 9, 9, device="meta")
    for kernel, stride, padding, dilation in product(range(1, 5), range(1, 4), range(5), range(1, 3)):
        if (kernel == 1 and dilation > 1) or 9 + 2 * padding < dilation * (kernel - 1) + 1:
            continue
        made = nn.Conv2d(1, 1, kernel, stride, padding, dilation, device="meta")(x)
        assert ((kernel, stride, padding, dilation) in found) == (made.shape[2] == 4)


def test_the_first_reads_every_cell_and_the_rest_grow():
    found = layer_solver.solve("Conv2d", (224,), (112,), 7, 2)
    assert found[0] == Window(2, 2)
    assert layer_solver.solve("Conv2d", (32,), (32,), 7, 2)[1] == Window(3, 1, 1)


@pytest.mark.parametrize("text", ["", "cat", "0", "1x2x3", "99999", "7.5", "-3", "²"])
def test_nonsense_is_refused_in_a_sentence(text):
    with pytest.raises(ShapeError, match="is not a size"):
        layer_solver.read_sides(text)


def test_two_wanted_sides_need_two_given_ones():
    with pytest.raises(ShapeError, match="both"):
        layer_solver.read_target("7x8", (9,))
