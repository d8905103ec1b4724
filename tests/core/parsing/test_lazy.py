"""Layers that take their size from the first input: what is read is what PyTorch makes of the same input."""

import pytest
import torch
from torch import nn

from core.errors import MissingShapeError, ParseError
from core.parsing import parse

CLASS = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.LazyConv2d(8, 3, padding=1, bias=False)
        self.n = nn.LazyBatchNorm2d()
        self.b = nn.LazyConvTranspose2d(4, 2, stride=2)
        self.f = nn.LazyLinear(10)

    def forward(self, x):
        return self.f(self.b(torch.relu(self.n(self.a(x)))).flatten(1))
"""


def shapes(module):
    return {name: tuple(p.shape) for name, p in module.named_parameters()}


def test_the_input_of_a_call_settles_them():
    text = CLASS + "net = Net()\nnet(torch.zeros(1, 3, 16, 16))\n"
    scope = {"nn": nn, "torch": torch}
    exec(text, scope)
    assert shapes(parse(text).module) == shapes(scope["net"])


@pytest.mark.parametrize("device", ["meta", "cpu"])
def test_a_typed_input_settles_them(device):
    module = parse(CLASS, input_shape=(5, 8, 8), device=device).module
    assert module.a.weight.shape == (8, 5, 3, 3)
    assert module.f.weight.shape == (10, 4 * 16 * 16)


def test_without_an_input_it_is_asked_for():
    with pytest.raises(MissingShapeError, match="Line 5: LazyConv2d takes its size from the first input"):
        parse(CLASS)


def test_an_input_that_does_not_fit_is_named():
    with pytest.raises(ParseError, match="Line 1: LazyConv2d takes its size from the first input, and 1x5x5 does not"):
        parse("nn.Sequential(nn.LazyConv2d(8, 7))", input_shape=(1, 5, 5))


def test_the_lines_are_plain_layers():
    lines = parse("nn.Sequential(nn.LazyConv2d(8, 3), nn.Flatten(), nn.LazyLinear(2))", input_shape=(1, 6, 6)).lines
    assert "Lazy" not in lines
    assert shapes(parse(lines).module)["2.weight"] == (2, 128)


POOLED = """
class Net(nn.Module):
    def __init__(self, side=32):
        super().__init__()
        self.side = side
        self.conv = nn.Conv2d(3, 6, 3)
        self.hidden = nn.LazyLinear(5)
        self.out = nn.LazyLinear(2)

    def forward(self, x):
        {check}
        return self.out(self.hidden(self.conv(x){rest}))
"""


@pytest.mark.parametrize("check", ["pass", "assert x.shape[-1] == self.side"])
def test_an_input_is_taken_where_others_give_the_layers_the_same_sizes(check):
    parsed = parse(POOLED.format(check=check, rest=".mean((2, 3))"))
    assert shapes(parsed.module)["hidden.weight"] == (5, 6)
    assert any("others give the layers the same sizes" in note for note in parsed.notes)
    assert parsed.input_shape is not None


def test_it_is_asked_for_where_the_sizes_depend_on_it():
    with pytest.raises(MissingShapeError, match="type the input shape"):
        parse(POOLED.format(check="pass", rest=".flatten(1)"))
