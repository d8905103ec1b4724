"""What files define beside their network: losses, lists of heads, blocks whose widths have to match."""

from __future__ import annotations

import pytest
import torch

from core.parsing import parse

HEAD = "import torch\nimport torch.nn as nn\n"
NET = """
class Net(nn.Module):
    def __init__(self, in_channels):
        super().__init__()
        self.a = nn.Conv2d(in_channels, 8, 3)
    def forward(self, x):
        return self.a(x)
"""
LOSS = """
class _GANLoss(nn.Module):
    def __init__(self):
        super().__init__()
        self.loss = nn.MSELoss()
        self.register_buffer("real", torch.tensor(1.0))
    def forward(self, pred, is_real):
        return self.loss(pred, (self.real if is_real else self.real - 1).expand_as(pred))
"""
HEADS = """
class Box(nn.Module):
    def __init__(self, channels=64):
        super().__init__()
        self.out = nn.Conv2d(channels, 4, 1)
    def forward(self, x):
        return self.out(x)
def make_heads(count=3):
    heads = nn.ModuleList()
    for _ in range(count):
        heads.append(Box())
    return heads
"""
MET = """
class Net(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.a = nn.Conv2d(in_channels, out_channels, 1)
        self.b = nn.Conv2d(in_channels, 5, 1)
    def forward(self, x):
        return self.b(self.a(x))
"""


@pytest.mark.parametrize("below", [LOSS, HEADS], ids=["a loss", "a list of heads"])
def test_the_network_comes_before_what_computes_nothing_by_itself(below):
    parsed = parse(HEAD + NET + below)
    assert parsed.network == "Net"
    assert parsed.module.eval()(torch.empty(2, 3, 16, 16, device="meta")).shape == (2, 8, 14, 14)


def test_a_loss_alone_is_read():
    assert parse(HEAD + LOSS.replace("if is_real else self.real - 1", "")).network == "_GANLoss"


def test_channels_that_meet_within_a_block_are_made_equal():
    parsed = parse(HEAD + MET)
    assert parsed.assumed["in_channels"] == parsed.assumed["out_channels"]
    channels = parsed.assumed["in_channels"]
    assert parsed.module(torch.empty(2, channels, 8, 8, device="meta")).shape == (2, 5, 8, 8)


@pytest.mark.parametrize("name", ["nci", "nco", "nc_in", "input_nc"])
def test_short_words_for_the_channels_of_an_image(name):
    assert parse(HEAD + NET.replace("in_channels", name)).assumed == {name: 3}
