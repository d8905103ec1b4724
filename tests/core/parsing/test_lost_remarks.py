"""Texts of which a page kept the words and lost the lines: remarks end where code follows, and bars are no code."""

from __future__ import annotations

import pytest

from core.errors import ParseError
from core.parsing import parse

BARE = """import torch
import torch.nn as nn
class Net(nn.Module):
    def __init__(self, wide):
        super().__init__()
        self.a = nn.Linear(6, wide)
        self.b = nn.Linear(wide, 3)
    def forward(self, x):
        x = torch.relu(self.a(x))
        return self.b(x)
wide = 5
net = Net(wide)
"""
REMARKS = {
    "class Net(nn.Module):": "# the network",
    "self.a = nn.Linear(6, wide)": "# 6 = sides of a die",
    "self.b = nn.Linear(wide, 3)": "# self.c = nn.Linear(3, 3)",
    "return self.b(x)": "# we don't need a softmax here, as we return logits",
    "wide = 5": "# how many there are",
}
SENTENCE = "Here is how such a network is written with PyTorch:"


def with_remarks() -> str:
    lines = BARE.splitlines()
    return " ".join(line.strip() + " " + REMARKS.get(line.strip(), "") for line in lines)


def names(text: str) -> list[tuple[str, tuple[int, ...]]]:
    return [(name, tuple(one.shape)) for name, one in parse(text).module.named_parameters()]


@pytest.mark.parametrize("before", ["", SENTENCE])
def test_no_layer_is_lost_behind_a_remark_in_one_line(before):
    assert names(before + with_remarks()) == names(BARE)


def test_a_layer_that_is_not_in_use_ends_where_the_next_statement_begins():
    text = "class Net(nn.Module): def __init__(self): super().__init__() # self.c = nn.Linear(9, 9) "
    text += "self.a = nn.Linear(6, 3) def forward(self, x): return self.a(x)"
    assert [name for name, _ in names(text)] == ["a.weight", "a.bias"]


@pytest.mark.parametrize("end", [" |", " | |", "|"])
@pytest.mark.parametrize("head", ["", "Created\nJuly 1, 2020 10:42\nA small network\n"])
def test_bars_of_a_table_behind_the_lines_are_no_code(end, head):
    rows = "\n".join(line.strip() + end for line in BARE.splitlines())
    assert names(head + rows) == names(BARE)


def test_a_bar_that_is_code_stays():
    text = "import torch.nn as nn\nwide = (4 |\n    1)\nnet = nn.Linear(wide, 2)\n"
    assert names(text) == [("0.weight", (2, 5)), ("0.bias", (2,))]


def test_line_feeds_that_are_written_out_in_a_part_of_the_text_are_put_there():
    first, second = BARE.split("wide = 5\n")
    assert names(first.replace("\n", "\\n") + "\nwide = 5\n" + second) == names(BARE)


def test_words_that_are_no_code_are_not_passed_over():
    with pytest.raises(ParseError):
        parse("import torch.nn as nn net = nn.Linear(6, 3) # there are wide = 8 of them net = nn.Linear(6, 2)")
