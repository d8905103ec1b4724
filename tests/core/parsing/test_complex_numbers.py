"""Complex numbers in forward, and lists of numbers of which some are tensors, compared with PyTorch itself."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.errors import ParseError
from core.parsing import parse

TEXT = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rates = nn.Parameter(torch.rand(4))

    def forward(self, x):
        return {}
"""


def real(text):
    scope = {}
    exec(text, scope)
    return scope["Net"]()


@pytest.mark.parametrize(
    "result",
    [
        "torch.exp(1j * x * self.rates)",
        "(-self.rates.exp() + 2j * x).exp().real",
        "(x * (3 - 4j) ** 2).abs()",
        "x * -1j",
        "torch.tensor([x.mean(), 1.0, self.rates[0]])",
        "torch.Tensor([[self.rates[i] if i < 2 else 0 for i in range(4)] for j in range(3)]) @ x.mT",
    ],
)
def test_the_result_has_the_shape_and_type_that_pytorch_gives(result):
    text = TEXT.format(result)
    x = torch.rand(2, 4)
    with torch.no_grad():
        theirs = real(text)(x)
        ours = parse(text, input_shape=(4,)).module(x.to("meta"))
    assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)


def test_values_of_tensors_in_lists_are_those_of_the_network_where_it_has_memory():
    parsed = parse(TEXT.format("torch.tensor([self.rates[1], 2.0]) + 0 * x.sum()"), device="cpu", input_shape=(4,))
    nn.init.constant_(parsed.module.rates, 7.0)
    assert parsed.module(torch.rand(2, 4)).tolist() == [7.0, 2.0]


@pytest.mark.parametrize("width", ["2j", "int(abs((-2) ** 0.5))"])
def test_no_layer_has_a_complex_width(width):
    with pytest.raises(ParseError):
        parse(f"nn.Sequential(nn.Linear(4, {width}))")
