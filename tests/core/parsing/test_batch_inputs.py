"""Inputs that keep the images of a batch apart are preferred to larger ones that go through as several images each."""

from __future__ import annotations

import pytest
import torch

from core.parsing import parse

HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"
NET = (
    HEAD
    + """
class Net(nn.Module):
    def __init__(self, num_classes=5):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.fc = nn.Linear({width}, num_classes)
    def forward(self, x):
        x = F.avg_pool2d(F.relu(self.conv(x)), {pool})
        {end}
"""
)
MIXED = {
    "a view of as many rows as it takes": (
        NET.format(width=8, pool=16, end="return self.fc(x.view(-1, 8))"),
        (3, 32, 32),
    ),
    "classes at each place": (
        NET.format(width=8, pool=16, end="return self.fc(x.permute(0, 2, 3, 1)).flatten(1)"),
        (3, 32, 32),
    ),
    "several outputs": (NET.format(width=8, pool=32, end="y = self.fc(x.view(-1, 8)); return y, x"), (3, 64, 64)),
}


@pytest.mark.parametrize("kind", MIXED)
def test_each_image_has_an_output_of_its_own(kind):
    text, shape = MIXED[kind]
    parsed = parse(text)
    assert parsed.input_shape == shape
    assert sum("of a batch of 2" in note for note in parsed.notes) == 1
    scope: dict = {}
    exec(text, scope)
    output = scope["Net"]()(torch.zeros(2, *shape))
    assert (output[0] if isinstance(output, tuple) else output).shape == (2, 5)


@pytest.mark.parametrize(
    "text",
    [
        NET.format(width=8, pool=16, end="return self.fc(x.mean((2, 3)))"),  # the usual one is fine
        NET.format(width=8, pool=1, end="return self.fc(x.view(-1, 8))"),  # none keeps them apart
        NET.format(width=8, pool=16, end="return self.fc(x.view(-1, 8))") + "Net()(torch.zeros(1, 3, 96, 96))\n",
        NET.format(width=8, pool=16, end="return x"),  # images
    ],
)
def test_nothing_is_said_otherwise(text):
    assert not any("of a batch" in note for note in parse(text).notes)


STEPS = (
    HEAD
    + """
class Steps(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(40, 16)
        self.b = nn.Linear(40, 16)
        {more}
    def forward(self, x):
        {end}
"""
)
AS_STEPS = {
    "each item with each other": ("pass", "return self.a(x) @ self.b(x).transpose(-2, -1)"),
    "each item with each other, turned around": ("pass", "return (self.a(x) @ self.b(x).mT).softmax(-1) @ x"),
    "a row of a table for each": (
        "self.rows = nn.Parameter(torch.zeros(99, 1, 16))",
        "return self.a(x) + self.rows[:x.size(0)]",
    ),
    "as many rows as the first batch has items": (
        "self.rows = nn.Parameter(torch.zeros(2, 16))",
        "return self.a(x) + self.rows if x.dim() == 2 else self.b(x)",
    ),
}
AS_VECTORS = {
    "no table": ("pass", "return self.a(x) + self.b(x)"),
    "a row for all": ("self.row = nn.Parameter(torch.zeros(1, 16))", "return self.a(x) + self.row"),
    "each centre": (
        "self.centres = nn.Parameter(torch.zeros(5, 16))",
        "return torch.cdist(self.a(x).unsqueeze(1), self.centres)",
    ),
    "each value of it with each other": ("pass", "return self.a(x).unsqueeze(2) @ self.b(x).unsqueeze(1)"),
    "each item with each other, and no other way": ("pass", "return self.a(x) @ self.b(x).t()"),
}


@pytest.mark.parametrize("kind", AS_STEPS)
def test_vectors_are_no_steps_of_each_other(kind):
    more, end = AS_STEPS[kind]
    parsed = parse(STEPS.format(more=more, end=end))
    assert parsed.input_shape == (32, 40)
    assert sum("steps of the items of a batch" in note for note in parsed.notes) == 1


@pytest.mark.parametrize("kind", AS_VECTORS)
def test_vectors_stay_vectors_where_each_keeps_to_itself(kind):
    more, end = AS_VECTORS[kind]
    parsed = parse(STEPS.format(more=more, end=end))
    assert parsed.input_shape is None
    assert parsed.module(torch.zeros(1, 40, device="meta")).shape[0] == 1


def test_a_board_that_is_cut_out_of_a_row_comes_as_a_row():
    board = HEAD + "class Board(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    board += "        self.conv, self.out = nn.Conv2d(6, 8, 3, padding=1), nn.Conv2d(8, 3, 7)\n"
    board += "    def forward(self, x):\n        x = x[:, :294].view(-1, 6, 7, 7)\n"
    board += "        return self.out(self.conv(x)).flatten(1)\n"
    parsed = parse(board)
    assert parsed.input_shape == (294,)
    assert parsed.module(torch.empty(2, 294, device="meta")).shape == (2, 3)
