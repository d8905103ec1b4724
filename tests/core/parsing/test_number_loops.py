"""Loops within loops that only count: the same lists and names as Python's own, and nothing else is taken for one."""

from __future__ import annotations

import ast
import time
from functools import partial
from typing import Any

import pytest
import torch

from core.parsing import parse
from core.parsing.evaluation.shortcuts.number_loops import MOST, counted

HEAD = "import itertools\nimport torch\nimport torch.nn as nn\n"
LOOPS = {
    "offsets": """
for p in points:
    for q in points:
        offset = (abs(p[0] - q[0]), abs(p[1] - q[1]))
        if offset not in numbers:
            numbers[offset] = len(numbers)
        places.append(numbers[offset])
""",
    "unpacked": """
for i in range(4):
    for y, x in points:
        if (y + i) % 2 == 0 and False:
            places.append(y)
""",
    "branches": """
for i in range(5):
    for j in range(i, 7):
        if i * 2 > j:
            places.append(max(i, j, 3))
        else:
            numbers[i, j] = min(i, j) // 2
""",
    "an item in a tuple": """
for i in range(3):
    for p in points:
        numbers[i] = p
        if p in numbers:
            pass
        places.append((p[-1], i))
""",
    "a missing key": """
for i in range(3):
    for j in range(3):
        places.append(i)
        numbers[i] = numbers[j, i]
""",
    "of a list": """
for i in range(3):
    for p in points:
        places.append(len(places) + min(places))
""",
    "nested without end": """
for i in range(40):
    for j in range(40):
        p = (p, p)
        numbers[p] = 1
""",
    "too many": f"""
for i in range({MOST}):
    for j in range(2):
        places.append(j)
""",
}
zeros = partial(torch.zeros, device="meta")
OTHERS = {"unpacked", "a missing key", "of a list", "nested without end", "too many"}


def free(steps: int) -> None:
    """A budget without an end."""


def names() -> dict[str, Any]:
    return {"points": [(y, x) for y in range(4) for x in range(3)], "numbers": {}, "places": [], "p": (0, 1)}


@pytest.mark.parametrize("kind", LOOPS)
def test_what_a_loop_leaves_is_what_python_leaves(kind):
    loop, read = ast.parse(LOOPS[kind]).body[0], names()
    memo: dict[Any, Any] = {}
    done = counted(loop, read.get, memo, free)
    if kind in OTHERS:
        assert (done, read) == (None, names())
        return
    expected = names()
    exec(LOOPS[kind], {}, expected)
    assert {**read, **done.stored} == expected
    again = names()
    assert counted(loop, again.get, memo, free) is done
    assert (again["numbers"], again["places"]) == (expected["numbers"], expected["places"])


ATTENTION = """
class Attention(nn.Module):
    def __init__(self, side):
        super().__init__()
        points = list(itertools.product(range(side), range(side)))
        offsets, places = {}, []
        for p in points:
            for q in points:
                offset = abs(p[0] - q[0]), abs(p[1] - q[1])
                if offset not in offsets:
                    offsets[offset] = len(offsets)
                places.append(offsets[offset])
        self.biases = nn.Parameter(torch.zeros(2, len(offsets)))
        self.register_buffer("places", torch.LongTensor(places).view(len(points), len(points)))
    def train(self, mode=True):
        super().train(mode)
        if mode and hasattr(self, "table"):
            del self.table
        else:
            self.table = self.biases[:, self.places]
    def forward(self, x):
        return x + (self.biases[:, self.places] if self.training else self.table)
"""


def test_attention_by_offsets_of_a_large_window():
    begin = time.process_time()
    module = parse(HEAD + ATTENTION + "net = nn.Sequential(*[Attention(14) for _ in range(6)])\n").module
    assert time.process_time() - begin < 3
    assert [tuple(one.shape) for one in module[5].state_dict().values()] == [(2, 196), (196, 196)]
    module[0].eval()(zeros(2, 2, 196, 196))


def test_a_loop_that_is_another_one_is_looked_at_once():
    text = "big = [0] * 19000\ndef f(i):\n    return i\nfor k in range(300):\n    for i in range(2):\n"
    text += "        for j in range(2):\n            x = f(big[i])\nnet = nn.Linear(3, x + 2)\n"
    parse(HEAD + "net = nn.Linear(3, 2)\n")
    begin = time.process_time()
    assert parse(HEAD + text).module[0].out_features == 2
    assert time.process_time() - begin < 1


def test_a_loop_over_words_of_the_text_is_still_its_own():
    text = """
def len(values):
    return 3
widths = []
for i in range(2):
    for j in range(2):
        widths.append(len(widths))
net = nn.Linear(widths[0], widths[-1])
"""
    module = parse(HEAD + text).module
    assert (module[0].in_features, module[0].out_features) == (3, 3)


def test_too_many_turns_end_soon():
    loop, begin = ast.parse(LOOPS["too many"].replace("range(2)", "range(19000)")).body[0], time.process_time()
    assert counted(loop, names().get, {}, free) is None
    assert time.process_time() - begin < 1


def test_what_a_text_notes_on_its_parameters_can_be_asked_for():
    text = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 3)
        for name, p in self.named_parameters():
            p.scale, p.called = 0.5, name
        assert all(hasattr(p, "scale") and not hasattr(p, "other") for p in self.parameters())
        self.b = nn.Linear(3, 6 if self.a.bias.called == "a.bias" else 7)
    def forward(self, x):
        return self.b(self.a(x)) * self.a.weight.scale
net = Net()
"""
    module = parse(HEAD + text).module.eval()
    assert module(zeros(2, 4)).shape == (2, 6)


def test_a_train_that_only_keeps_norms_still_leaves_evaluation_mode():
    text = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(4, 3), nn.Linear(4, 5)
    def train(self, mode=True):
        super().train(mode)
        for one in self.modules():
            if isinstance(one, nn.BatchNorm2d):
                one.eval()
    def forward(self, x):
        return self.a(x) if self.training else self.b(x)
net = Net()
"""
    assert parse(HEAD + text).module.eval()(zeros(2, 4)).shape == (2, 5)


ROWS = """
rows, kept = [[1, 2], [3, 4]], []
for row in rows:
    for other in rows:
        kept.append(row)
kept[0].append(5)
"""
MADE = """
kept, row = [], 0
for i in range(3):
    for j in range(3):
        row = [i, j]
        kept.append(row)
row.append(7)
rows = kept[-2:]
"""


@pytest.mark.parametrize("text", [ROWS, MADE], ids=["lists of lists", "a list that is made in it"])
def test_lists_within_lists_stay_the_same_lists(text):
    names: dict[str, Any] = {}
    exec(text, names)
    layer = parse(HEAD + text + "net = nn.Linear(10 * len(rows[0]) + len(rows[1]), len(kept))").module[0]
    assert layer.in_features == 10 * len(names["rows"][0]) + len(names["rows"][1])
    assert layer.out_features == len(names["kept"])
