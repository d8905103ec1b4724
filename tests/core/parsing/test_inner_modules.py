"""Bases of layers and repeated numbers out of `torch.nn.modules`, against the same classes built by PyTorch."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from core.parsing import parse

HEAD = """import torch
from torch import nn
import torch.nn.functional as F
from torch.nn.modules.conv import _ConvNd
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.utils import _pair, _ntuple, _reverse_repeat_tuple
"""
CLASSES = {
    "a convolution of its own": """
class Net(_ConvNd):
    def __init__(self):
        kernel = _pair(3)
        super().__init__(3, 8, kernel, _ntuple(2)(2), _pair((1, 2)), _pair(1), False, _pair(0), 1, True, "zeros")
        self.scale = nn.Parameter(torch.ones(self.out_channels, 1, 1))
    def forward(self, x):
        x = F.pad(x, _reverse_repeat_tuple(self.padding, 2))
        return self.scale * F.conv2d(x, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)
""",
    "a batch norm of its own": """
class Norm(_BatchNorm):
    def _check_input_dim(self, x):
        if x.dim() < 3:
            raise ValueError("too few axes")
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 5, 3), Norm(5)
        for one in self.modules():
            if isinstance(one, _BatchNorm):
                one.extra = nn.Parameter(torch.zeros(2))
    def forward(self, x):
        return self.norm(self.conv(x))
""",
    "a recurrent cell of its own": """
class Net(nn.RNNCellBase):
    def __init__(self):
        super().__init__(8, 5, bias=True, num_chunks=4)
    def forward(self, x):
        return F.linear(x, self.weight_ih, self.bias_ih)
""",
}


@pytest.mark.parametrize("kind", CLASSES)
def test_such_a_class_has_the_parameters_and_shapes_that_pytorch_gives_it(kind):
    scope: dict[str, Any] = {}
    exec(HEAD + CLASSES[kind], scope)
    real, ours = scope["Net"](), parse(HEAD + CLASSES[kind] + "net = Net()\n").module
    shapes = {name: tuple(one.shape) for name, one in real.named_parameters()}
    assert {name: tuple(one.shape) for name, one in ours.named_parameters()} == shapes
    x = torch.zeros(2, 3, 16, 8)
    assert ours(x.to("meta")).shape == real(x).shape


def test_an_argument_that_is_repeated_is_one_number():
    text = HEAD + CLASSES["a convolution of its own"].replace("def __init__(self)", "def __init__(self, kernel_size)")
    text = text.replace("kernel = _pair(3)", "kernel_size = _pair(kernel_size)")
    text = text.replace("kernel, _", "(*kernel_size,), _")
    assert parse(text).assumed == {"kernel_size": 3}


def test_characters_of_pythons_string_module_are_known():
    imports = HEAD + "from string import ascii_lowercase\nimport string\n"
    text = imports + "net = nn.Linear(len(ascii_lowercase), len(string.digits))\n"
    assert parse(text).module[0].weight.shape == (10, 26)


def test_layers_that_are_kept_under_themselves_are_read() -> None:
    """As the first edition of a well-known book writes its own Sequential."""
    text = (
        "class Chain(nn.Module):\n    def __init__(self, *layers):\n        super().__init__()\n"
        "        for layer in layers:\n            self._modules[layer] = layer\n"
        "    def forward(self, x):\n        for layer in self._modules.values():\n            x = layer(x)\n"
        "        return x\nnet = Chain(nn.Linear(20, 8), nn.ReLU(), nn.Linear(8, 3))"
    )
    assert parse(text).module(torch.empty(2, 20, device="meta")).shape == (2, 3)
