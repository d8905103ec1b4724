"""Functions that work out widths by calling themselves: the same numbers as in Python, and each of them once."""

from __future__ import annotations

import time

import pytest
import torch
from torch import nn

from core.errors import ParseError
from core.parsing import parse

DENSE = """
class Net(nn.Module):
    def __init__(self, depth=24):
        super().__init__()
        self.layers = nn.ModuleList()
        for k in range(1, depth):
            given, width, links = self.link(k, 4, 1.3)
            self.layers.append(nn.Linear(given, width))
    def link(self, k, base, rate):
        if k == 0:
            return 0, base, []
        width, links = base, []
        for i in range(1, 12):
            if k - i >= 0 and i in (1, 2, 3, 5, 8):
                links.append(k - i)
                if i > 1:
                    width = width * rate
        width, given = int(width) % 50 + 1, 0
        for i in links:
            _, other, _ = self.link(i, base, rate)
            given += other
        return given, width, links
    def forward(self, x):
        return self.layers[0](x)
net = Net()
"""
TEXTS = {
    "a method": DENSE,
    "what it returns is the text's own": """
def parts(n):
    return [n] if n < 2 else parts(n - 1) + parts(n - 2)
a = parts(5)
a.append(9)
net = nn.Sequential(nn.Linear(sum(a), len(a)), nn.Linear(len(parts(5)), sum(parts(5))))
""",
    "a list that stands in it twice": """
def rows(n):
    row = [n]
    return [row, row] if n == 0 else rows(n - 1)
rows(2)
a = rows(2)
a[0].append(5)
net = nn.Sequential(nn.Linear(len(a[1]), 3))
""",
    "a number from outside that changes": """
rate = 2
def grown(n):
    return 3 if n == 0 else rate * grown(n - 1)
a = grown(4)
rate = 3
net = nn.Sequential(nn.Linear(a, grown(4)))
""",
    "one inside of another, with a default": """
def widths(rate):
    def width(n, more=rate + 1):
        return more if n == 0 else width(n - 1) + rate
    return [width(3), width(3, 7)]
net = nn.Sequential(nn.Linear(*widths(2)), nn.Linear(*widths(5)))
""",
    "one that counts its calls": """
seen = []
def width(n):
    seen.append(n)
    return 1 if n == 0 else width(n - 1) + 1
a, b = width(3), width(3)
net = nn.Linear(len(seen), a + b)
net = nn.Sequential(net)
""",
    "truth and numbers are told apart": """
def width(n, wide):
    return (5 if isinstance(wide, bool) else 7) if n == 0 else width(n - 1, wide)
net = nn.Sequential(nn.Linear(width(2, True), width(2, 1)), nn.Linear(width(2, 1.0), width(2, 1)))
""",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_recursions_give_what_python_gives(text):
    scope = {"nn": nn, "torch": torch}
    exec(text.replace("depth=24", "depth=12"), scope)
    read = parse(text.replace("depth=24", "depth=12")).module
    assert [tuple(p.shape) for p in read.parameters()] == [tuple(p.shape) for p in scope["net"].parameters()]


def test_a_recursion_is_worked_out_once_for_each_of_its_arguments():
    start = time.process_time()
    read = parse(DENSE)
    assert len(read.module.layers) == 23
    assert time.process_time() - start < 1


def test_a_recursion_without_end_is_refused():
    with pytest.raises(ParseError, match="call each other"):
        parse("def width(n):\n    return width(n + 1)\nnet = nn.Sequential(nn.Linear(width(1), 3), nn.ReLU())")
