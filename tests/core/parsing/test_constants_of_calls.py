"""Numbers that a text's own calls give for the arguments of a class which nothing builds."""

from __future__ import annotations

import pytest

from core.parsing import parse

TEXT = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, seen, width, depth=1, actions=5):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(*seen, width), nn.ReLU(), nn.Linear(width, actions))

    def forward(self, x):
        return self.layers(x)

class Agent:
    def __init__(self, seen, memory=10**9):
        self.net = Net(seen, {first})
        self.other = Net(seen, {second})
        self.memory = [0] * memory

    def act(self, state):
        return self.net(torch.tensor(state).float()).argmax().item()
"""


@pytest.mark.parametrize(
    ("first", "second", "width"),
    [("384", "384", 384), ("width=200", "200, 3", 200), ("48, actions=2", "width=48", 48), ("90", "91", 64)],
)
def test_what_all_calls_agree_on_is_taken(first, second, width):
    parsed = parse(TEXT.format(first=first, second=second), network="Net")
    assert parsed.module.layers[0].out_features == width
    assert parsed.assumed["width"] == width


def test_the_shape_of_a_row_that_is_spread_has_one_number():
    parsed = parse(TEXT.format(first="8", second="8"), network="Net")
    assert parsed.assumed["seen"] == (64,)
    assert parsed.module.layers[0].in_features == 64


LOCAL = """
import paddle.fluid as fluid

class Net(fluid.Layer):
    def __init__(self, size):
        super().__init__()
        self.layer = fluid.dygraph.Linear(size, 3)

    def forward(self, x):
        return self.layer(x)

class TestNet(unittest.TestCase):
    def test_runs(self{argument}):
        half = 10
        size = half * 2
        {between}
        net = Net(size)
"""


@pytest.mark.parametrize(
    ("argument", "between", "size"),
    [("", "pass", 20), ("", "size = 7", 32), (", half=3", "pass", 32), ("", "for half in range(9): pass", 32)],
)
def test_a_number_that_a_test_sets_once_is_taken(argument, between, size):
    assert parse(LOCAL.format(argument=argument, between=between)).assumed == {"size": size}
