"""Tables that constructors fill: loops over a tensor, numpy's arrays, lists of formulas; the class itself agrees."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from core.errors import ParseError
from core.parsing import parse

HEAD = "class Table(nn.Module):\n    def __init__(self, width=64, steps=3000):\n        super().__init__()\n"
TAIL = """
        self.register_buffer("table", table)
        self.fc = nn.Linear(width, 2)

    def forward(self, x):
        return self.fc(x + self.table[:, : x.size(1)])
"""
TABLES = {
    "loops": """
        table = torch.zeros(steps, width)
        for pos in range(steps):
            for i in range(0, width, 2):
                angle = pos / (10000 ** (2 * i / width))
                table[pos, i] = math.sin(angle)
                table[pos, i + 1] = math.cos(angle)
        table.require_grad = False
        table = table.unsqueeze(0)
""",
    "a loop with a branch": """
        table = torch.zeros(1, steps, width)
        for i in range(width):
            if i % 2 == 0:
                table[0, :, i] = math.sin(i)
            else:
                table[0, :, i] = math.cos(i)
""",
    "numpy": """
        position = np.arange(steps)[:, np.newaxis]
        rate = np.exp(np.arange(0, width, 2) * -(np.log(10000.0) / width))
        table = np.zeros((steps, width))
        table[:, 0::2] = np.sin(position * rate)
        table[:, 1::2] = np.cos(position * rate)
        table = torch.from_numpy(table).float().unsqueeze(0)
""",
    "lists of a formula": """
        rows = np.array([[pos / np.power(10000, 2 * (j // 2) / width) for j in range(width)] for pos in range(90)])
        rows[:, 0::2] = np.sin(rows[:, 0::2])
        table = torch.FloatTensor(rows).unsqueeze(0)
""",
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_table_is_as_large_as_the_class_itself_makes_it(table):
    text = HEAD + table + TAIL
    scope = {"nn": nn, "torch": torch, "math": math, "np": np}
    exec(text, scope)
    original = scope["Table"](steps=90)
    module = parse(f"{text}\nnet = Table(steps=90)").module
    assert {name: tuple(value.shape) for name, value in module.state_dict().items()} == {
        name: tuple(value.shape) for name, value in original.state_dict().items()
    }
    x = torch.zeros(2, 10, 64)
    assert module(x.to("meta")).shape == original(x).shape


def test_a_table_of_any_length_is_filled_within_the_budget():
    assert parse(HEAD + TABLES["loops"] + TAIL).module.table.shape == (1, 3000, 64)


COUNTING = """
        total = 0
        table = torch.zeros(1, 40, width)
        for i in range(40):
            total = total + i
            table[0, i] = total
        self.extra = nn.Linear(total, 1)
"""


def test_a_loop_that_goes_on_from_turn_to_turn_is_evaluated_whole():
    assert parse(HEAD + COUNTING + TAIL).module.extra.in_features == sum(range(40))


def test_an_index_out_of_bounds_at_the_last_turn_is_refused():
    table = "        table = torch.zeros(8, width)\n        for i in range(9):\n            table[i] = i\n"
    with pytest.raises(ParseError, match=r"out of bounds|out of range"):
        parse(HEAD + table + TAIL)


@pytest.mark.parametrize(
    "call", ["np.arange(0, -10**9, -1)", "np.arange(10**9)", "np.zeros(10**9)", "np.linspace(0, 1, 10**9)"]
)
def test_an_array_that_is_too_long_is_not_made(call):
    with pytest.raises(ParseError, match="more than"):
        parse(f"sizes = {call}\nnet = nn.Linear(len(sizes), 2)")
