"""Lists that one formula gives: number by number, and type by type, what Python gives."""

import ast
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ParseError
from core.parsing import parse
from core.parsing.evaluation.shortcuts.tabulating import FEWEST, tabulated

NAMES = {"d": 384, "r": 0.25, "zero": 0}
LEAVES = st.sampled_from(["i", "d", "r", "2", "3", "10000", "0.5", "(-2)", "zero"])
FORMULAS = st.recursive(
    LEAVES,
    lambda inner: st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "//", "%", "**"]), inner).map(
        lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
    ),
    max_leaves=5,
)


@settings(max_examples=400, deadline=None)
@given(FORMULAS, st.integers(FEWEST, 60), st.integers(-5, 5))
def test_values_are_pythons(formula, count, start):
    items = range(start, start + count)
    values = tabulated(ast.parse(formula, mode="eval").body, "i", items, NAMES.get)
    if values is None:
        return
    expected = [eval(formula, {"i": i, **NAMES}) for i in items]
    assert list(map(repr, values)) == list(map(repr, expected))


@pytest.mark.parametrize(
    "formula", ["i ** 70", "i / zero", "f(i)", "i if i else 1", "'a' * i", "i << 2", "(i - 40) ** 0.5"]
)
def test_what_is_more_than_bounded_arithmetic_is_evaluated_one_by_one(formula):
    assert tabulated(ast.parse(formula, mode="eval").body, "i", range(64), NAMES.get) is None


def test_a_table_of_positions_is_read():
    text = (
        "def table(n, d):\n"
        "    t = torch.FloatTensor([[p / (10000 ** (2 * (i // 2) / d)) for i in range(d)] for p in range(n)])\n"
        "    t[:, 0::2] = torch.sin(t[:, 0::2])\n    return t.unsqueeze(0)\n"
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.register_buffer('t', table(300, 256))\n        self.f = nn.Linear(256, 2)\n"
        "    def forward(self, x):\n        return self.f(x + self.t)\nnet = Net()\n"
    )
    module = parse(text, device="cpu").module
    assert module.t.shape == (1, 300, 256)
    assert module.t[0, 7, 4].item() == pytest.approx(math.sin(7 / 10000 ** (4 / 256)))


def test_a_table_that_is_too_long_is_refused():
    with pytest.raises(ParseError, match=r"Line 1: a list expands to more than 20,000 items"):
        parse("a = [i * 2 for i in range(10 ** 9)]\nnn.Linear(a[1], 2)")
