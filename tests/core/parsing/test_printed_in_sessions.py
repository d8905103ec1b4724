"""What a session printed below its prompts, which is no code."""

from __future__ import annotations

import pytest

from core.parsing import parse
from tests.core.parsing.counting import read

SESSION = """
>>> import paddle
>>> first = paddle.nn.Linear(6, 3)
>>> model = paddle.nn.Sequential(first, paddle.nn.Linear(3, 5, bias_attr=False))
{shown}
>>> total = 0
"""
LOOP = ">>> for name, one in model.named_children():\n...     print(name, one)\n"


def _parameters(text: str) -> int:
    return sum(p.numel() for p in parse(text).module.parameters())


@pytest.mark.parametrize(
    "shown",
    [
        f"{LOOP}0 Linear(in_features=6, out_features=3, dtype=float32)\n1 Linear(in_features=3, out_features=5)",
        f"{LOOP}0.bias Parameter containing:\nTensor(shape=[3], stop_gradient=False,\n       [0., 0., 0.])",
        ">>> for step in range(2):\n...     print(f'step={step} loss={loss(step)}')\nstep=0 loss=0.7\nstep=1 loss=0.6",
        ">>> for row in rows:\n...     print(row.shape, 1)\npaddle.Size([7]) 1\npaddle.Size([9]) 1",
        ">>> model(paddle.rand([4, 6])).shape\n[4, 5]",
    ],
)
@pytest.mark.parametrize("margin", ["", "    "])
def test_lines_below_a_finished_statement(shown, margin):
    text = "\n".join(margin + line for line in SESSION.format(shown=shown).split("\n"))
    assert _parameters(text) == 18 + 3 + 15


def test_sessions_of_static_graphs():
    text = (
        ">>> import paddle\n>>> paddle.enable_static()\n"
        ">>> data = paddle.static.data(name='data', shape=[None, 3, 8, 8], dtype='float32')\n"
        ">>> conv = paddle.static.nn.conv2d(input=data, num_filters=2, filter_size=3, act='relu')\n"
        ">>> print(conv.shape)\n(-1, 2, 6, 6)\n"
    )
    assert read(text) == (2 * 27 + 2, (2, 6, 6))


def test_a_block_whose_lines_have_no_dots_goes_on():
    text = (
        ">>> import torch.nn as nn\n>>> class Net(nn.Module):\n        def __init__(self):\n"
        "            super().__init__()\n            self.fc = nn.Linear(4, 2)\n\n"
        "        def forward(self, x):\n            return self.fc(x)\n>>> net = Net()\n"
    )
    assert _parameters(text) == 10
