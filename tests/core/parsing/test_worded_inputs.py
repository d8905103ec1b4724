"""Inputs of forward that are words; classes that are looked up by their names; names and helpers of Paddle's layers."""

from __future__ import annotations

import torch

from core.parsing import parse

SCALE = """
import torch
from torch import nn

class Scale(nn.Module):
    def __init__(self, num_features):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(num_features))

    def forward(self, x, mode: str):
        if mode == "there":
            return x * self.weight
        elif mode in ("back", "home"):
            return (x / self.weight).sum(1)
        raise NotImplementedError
"""


def test_an_input_that_is_compared_with_words_is_the_first_of_them():
    parsed = parse(SCALE, input_shape=(9, 64))
    assert parsed.module(torch.empty(2, 9, 64, device="meta")).shape == (2, 9, 64)
    assert "forward() takes mode: 'there' is taken here." in parsed.notes
    assert parsed.module(torch.empty(2, 9, 64, device="meta"), "home").shape == (2, 64)


LOOKED_UP = """
from timm.layers import UnheardOfGate as Gate

class Plain(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layer = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x):
        return self.layer(x)

class Gated(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(width, width, 3, padding=1), Gate(width))

    def forward(self, x):
        return self.layers(x)

class Net(nn.Module):
    def __init__(self, kinds=("Plain", "Plain")):
        super().__init__()
        self.blocks = nn.Sequential(nn.Conv2d(3, 8, 1), *[eval(kind)(width=8) for kind in kinds])

    def forward(self, x):
        return self.blocks(x)

def gated_net():
    return Net(["Plain", "Gated"])
"""


def test_a_block_that_is_looked_up_by_its_name_is_not_the_network():
    parsed = parse(LOOKED_UP)
    assert parsed.network == "Net"
    assert [type(one).__name__ for one in parsed.module.blocks] == ["Conv2d", "Plain", "Plain"]


def test_layers_of_paddle_have_names_with_dots_and_a_helper():
    parsed = parse(
        "import paddle\nfrom paddle import nn\n\nclass Net(nn.Layer):\n    def __init__(self):\n"
        "        super().__init__()\n"
        "        self._dtype = self._helper.get_default_dtype()\n"
        "        self.heads = [self.add_sublayer('head.{}'.format(i), nn.Linear(8, 3)) for i in range(2)]\n"
        "        self.scale = self.create_parameter([3], dtype=self._dtype)\n\n"
        "    def forward(self, x):\n        return self.scale * sum(head(x) for head in self.heads)\n"
    )
    assert sum(one.numel() for one in parsed.module.parameters()) == 2 * 27 + 3
