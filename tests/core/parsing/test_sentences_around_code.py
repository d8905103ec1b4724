"""Code among sentences with apostrophes, or of another script: no line of it is lost."""

from __future__ import annotations

import pytest
import torch

from core.errors import ParseError
from core.parsing import parse

CODE = """
import torch.nn as nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        # the picture's size is 28x28
        self.body = nn.Sequential(
            nn.Conv2d(1, 4, 3),
            nn.ReLU(),
        )
    def forward(self, x):
        return self.body(x)
"""
LOST = "\n".join(line.strip() for line in CODE.split("\n"))
AROUND = {
    "apostrophes": "Now let's build the network, as it's done here:\n{}\nThat's all you'll need: it's built.",
    "typographic apostrophes": "Now, let’s build the network. I’ve found this:\n{}\nNotice how I use it, don’t you?",
    "Chinese": "题目\n实现前向传播(CNN)代码,如下\n解答{}\n在 Python 中,super(Net, self).__init__()或\n的作用是调用",
}


@pytest.mark.parametrize("code", [CODE, LOST], ids=["indented", "indentation lost"])
@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
def test_sentences_around_code_take_nothing_of_it(around, code):
    parsed = parse(around.format(code))
    assert [tuple(p.shape) for p in parsed.module.parameters()] == [(4, 1, 3, 3), (4,)]


def test_a_comma_that_is_missing_between_lines_is_put_there():
    text = "net = nn.Sequential(\n    nn.Linear(9, 8)  # wide\n    nn.ReLU(),\n    nn.Linear(8, 7)\n\n    nn.Tanh()\n)"
    parsed = parse(text)
    assert parsed.module(torch.empty(2, 9, device="meta")).shape == (2, 7)
    assert any("Commas" in note for note in parsed.notes)


@pytest.mark.parametrize("text", ["net = nn.Sequential(nn.Linear(9, 8) nn.ReLU())", "a = nn.Linear(1, 2)(\n  x y\n)"])
def test_a_comma_within_a_line_stays_a_slip(text):
    with pytest.raises(ParseError, match="not Python"):
        parse(text)


@pytest.mark.parametrize(
    "end",
    [
        "return image, label\n",
        "return image\n\n    def __len__(self):\n        return len(self.files)\n\n",
        "return image\n\nrandom.shuffle(files)\n",
    ],
    ids=["a function", "a set of data", "before a call"],
)
def test_the_end_of_something_above_the_code_is_left_out(end):
    parsed = parse("        image = load(path)\n        " + end + CODE)
    assert [tuple(p.shape) for p in parsed.module.parameters()] == [(4, 1, 3, 3), (4,)]
    assert any("whose own beginning is not in the text" in note for note in parsed.notes)


@pytest.mark.parametrize(
    "end",
    ["self.first = nn.Linear(3, 4)\n        return self.first\n", "x\n\n    def block(self):\n        return 4\n"],
)
def test_layers_above_the_code_are_not_left_out(end):
    with pytest.raises(ParseError, match="not Python"):
        parse("        " + end + CODE)


def test_sentences_behind_bullets_are_left_out_whatever_their_depth():
    code, bullets = (
        "from torch import nn\nnet = nn.Linear(3, 4)\n",
        "  • 1行目: 入力は3つです。\n    • 出力は4つです。\n",
    )
    text = f"まずは、簡単な例です。\n\n{code}\n{bullets}"
    assert sum(one.numel() for one in parse(text).module.parameters()) == 16
