"""Masks that `forward` asks for: None stands for those that it only hands on, as PyTorch's layers take it."""

from __future__ import annotations

import pytest
import torch

from core.parsing import parse

NET = """
import torch
import torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 1)
        self.heads = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x, {names}):
        {lines}

net = Net()
"""
HANDED_ON = {
    "to a stack of layers": ("src_mask, src_key_padding_mask", "return self.a(x, src_mask, src_key_padding_mask)"),
    "by name": ("mask", "return self.heads(x, x, x, attn_mask=mask)[0]"),
    "where it is asked whether there is one": (
        "mask",
        "if mask is not None:\n            x = x.flip(1)\n        return self.a(x, mask=mask)",
    ),
}


@pytest.mark.parametrize("kind", HANDED_ON)
def test_a_mask_that_is_handed_on_is_none(kind):
    names, lines = HANDED_ON[kind]
    text = NET.format(names=names, lines=lines)
    parsed = parse(text)
    scope: dict = {}
    exec(text, scope)
    real = scope["net"](torch.zeros(2, 5, 8), *[None] * len(names.split(", ")))
    assert parsed.module(torch.empty(2, 5, 8, device="meta")).shape == real.shape
    assert [note for note in parsed.notes if "nothing is masked" in note]


def test_a_mask_that_is_worked_with_is_a_tensor():
    text = NET.format(names="mask", lines="return x.masked_fill(mask == 0, 0.0)")
    parsed = parse(text)
    assert parsed.module(torch.empty(2, 5, 8, device="meta")).shape == (2, 5, 8)
    assert not [note for note in parsed.notes if "nothing is masked" in note]


LAYERS = """
import torch
import torch.nn as nn

{function}

class Weighed(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.query, self.key = nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, x, mask):
        {lines}

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.parts = nn.ModuleList([Weighed(8), Weighed(8)])

    def forward(self, x, mask):
        for part in self.parts:
            x = part(x, mask)
        return x

net = Net()
"""
NEEDED = {
    "a layer": ("", "return x.masked_fill(mask == 0, 0.0) + self.query(x) * self.key(x)"),
    "a function": (
        "def hidden(x, mask):\n    return x * (mask != 0)",
        "return hidden(self.query(x) + self.key(x), mask)",
    ),
    "a function of PyTorch": ("", "return torch.where(mask > 0, self.query(x), self.key(x))"),
}


@pytest.mark.parametrize("kind", NEEDED)
def test_a_mask_that_parts_of_the_text_work_with_is_a_tensor(kind):
    function, lines = NEEDED[kind]
    parsed = parse(LAYERS.format(function=function, lines=lines))
    assert parsed.module(torch.empty(2, 8, device="meta")).shape == (2, 8)
    assert not [note for note in parsed.notes if "nothing is masked" in note]


def test_a_mask_that_parts_of_the_text_ask_for_is_none():
    lines = "return self.query(x) if mask is None else x.masked_fill(mask == 0, 0.0)"
    assert [note for note in parse(LAYERS.format(function="", lines=lines)).notes if "nothing is masked" in note]
