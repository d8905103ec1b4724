"""What a class must find among its `**settings` for the layers that it hands them to is an argument like any other."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.parsing import parse

CLASS = """
class Net(nn.Module):
    def __init__(self, {given}):
        super().__init__()
        {body}
    def forward(self, x):
        return self.a(x)
"""
CASES = {
    "to a layer": ("in_channels, **more", "self.a = nn.Conv2d(in_channels + 2, 8, **more)", {"kernel_size"}),
    "to one of two": (
        "in_channels, up=False, **more",
        "self.a = nn.ConvTranspose2d(in_channels, 8, **more) if up else nn.Conv2d(in_channels, 8, **more)",
        {"kernel_size"},
    ),
    "given beside it": ("in_channels, **more", "self.a = nn.Conv2d(in_channels, 8, kernel_size=3, **more)", set()),
    "put there": ("in_channels, **more", 'more["kernel_size"] = 5; self.a = nn.Conv2d(in_channels, 8, **more)', set()),
    "a default put there": (
        "in_channels, **more",
        'more.setdefault("kernel_size", 5); self.a = nn.Conv2d(in_channels, 8, **more)',
        set(),
    ),
    "through a function": ("in_channels, **more", "self.a = block(in_channels, **more)", {"kernel_size", "wide"}),
}
HELPER = """
def block(n, wide, **rest):
    return nn.Sequential(nn.Conv2d(n, wide, **rest), nn.ReLU())
"""


@pytest.mark.parametrize(("given", "body", "named"), CASES.values(), ids=CASES)
def test_settings_that_layers_need_are_assumed(given, body, named):
    text = (HELPER if "block(" in body else "") + CLASS.format(given=given, body=body)
    read = parse(text, network="Net")
    assert set(read.assumed) == {"in_channels"} | named
    scope = {"nn": nn, "torch": torch}
    exec(text, scope)
    real = scope["Net"](**read.assumed)
    assert [tuple(p.shape) for p in read.module.parameters()] == [tuple(p.shape) for p in real.parameters()]


def test_an_argument_that_another_function_may_find_none_stays_none():
    text = """
def widths(n, factor):
    assert not (isinstance(n, int) and factor), "one or the other"
    if factor is None:
        return [n, n]
    first, *rest = factor
    return [first, *rest]
class Net(nn.Module):
    def __init__(self, dim, factor=None):
        super().__init__()
        self.a = nn.Linear(*widths(dim, factor))
    def forward(self, x):
        return self.a(x)
"""
    assert set(parse(text).assumed) == {"dim"}


def test_a_side_or_two_of_them_is_one_number_where_the_text_tries_both():
    text = """
def pair(size):
    try:
        both = tuple(size)
    except TypeError:
        both = (size, size)
    return both
class Net(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.a = nn.Conv2d(3, 8, pair(kernel_size))
    def forward(self, x):
        return self.a(x)
"""
    read = parse(text)
    assert read.assumed == {"kernel_size": 3}
    assert read.module.a.kernel_size == (3, 3)


def test_a_setting_within_settings_that_a_loop_goes_through():
    parsed = parse(
        "def build(cfg):\n    layers, inner = [], cfg['model']\n    for width in inner['hidden']:\n"
        "        layers += [nn.ReLU(), nn.Linear(width, 8)]\n    return nn.Sequential(*layers)\n"
    )
    assert [layer.in_features for layer in parsed.module if isinstance(layer, nn.Linear)] == [32, 64, 128]
