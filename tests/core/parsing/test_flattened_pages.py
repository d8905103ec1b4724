"""Pages that keep no indentation, with what a site puts around each line: lists, cells of a table, sentences."""

from __future__ import annotations

import pytest

from core.parsing import parse
from core.parsing.clean.page.marks.line_marks import without_cell_ends, without_marks

CLASS = """class Net(nn.Module):
def __init__(self, width=5):
'''
Two layers
width: how many values lie between them
'''
super().__init__()
self.a = nn.Linear(6, width)
self.b = nn.Linear(width, 2)
def forward(self, x):
return self.b(self.a(x))"""
TRAINING = """net = Net()
for epoch in range(9):
net.train()
for images, labels in loader:
images, labels = Variable(images), Variable(labels)
loss = measure(net(images), labels)
loss.backward()"""
LINES, LOOP = CLASS.splitlines(), TRAINING.splitlines()
SIZE = 6 * 5 + 5 + 5 * 2 + 2
HEAD, FOOT = (
    "Not a member yet?\nSign Up,\nit unlocks many cool features!\n",
    "\nAdd Comment\nPlease, Sign In to add comment\n",
)
ABOVE = "By Ann, 3 minutes ago\nThis file is shown as it was saved, and may look another way in an editor.\n"


def _size(text: str) -> int:
    return sum(one.numel() for one in parse(text).module.parameters())


@pytest.mark.parametrize("lines", [LINES, LINES + LOOP], ids=["class", "class and loop"])
def test_a_list_of_lines_between_what_a_site_says(lines):
    assert _size(HEAD + "\n".join(f"- {line}" for line in lines) + FOOT) == SIZE


def test_lists_of_words_and_code_among_few_items_stay():
    for lines in (["- one", "- two", "- three"], ["x = 1", "y = 2", "- class A(B):", "z = 3", "v = 4"]):
        assert without_marks(["Some words", *lines]) == ["Some words", *lines]


@pytest.mark.parametrize("foot", ["", "Sign up for free\nto join this talk.\nAlready here?\nSign in to comment\n"])
def test_bars_behind_few_lines_of_a_page(foot):
    above = ABOVE + "More words of the page\n" * (len(LINES) + 3)
    assert _size(above + "\n".join(f"{line} | |" for line in LINES) + "\n" + foot) == SIZE


def test_bars_of_a_table_far_apart_stay():
    lines = ["a |", "x = 1", "y = 2", "z = 3", "b |", "v = 4", "w = 5", "c |"]
    assert without_cell_ends(lines) == lines


@pytest.mark.parametrize("heading", ["定义一个网络 在这之前", "Here is the network that we train"])
def test_all_code_in_one_line_below_a_heading(heading):
    bare = [line for line in LINES if line[:1] not in ("'", "T", "w")]
    assert _size(f"{heading}\nimport torch.nn as nn {' '.join(bare)} net = Net()") == SIZE


def test_a_sentence_that_begins_with_the_name_of_a_layer():
    text = "nn.LSTM 是一种循环神经网络(RNN)的变体。\n示例\nimport torch.nn as nn\nnet = nn.LSTM(5, 3)\n"
    assert _size(text) == 4 * (5 * 3 + 3 * 3 + 3 + 3)
