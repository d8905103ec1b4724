"""Arrays of numpy and packed sequences within a `forward`: the shapes are those that PyTorch gives for real."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from core.parsing import parse

TEXT = """
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence, pad_packed_sequence

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(30, 6)
        self.rnn = nn.LSTM(6, 5{settings})
        self.out = nn.Linear(5, 4)

    def forward(self, x):
        {body}

net = Net()
net(torch.zeros(3, 7).long())
"""
BODIES = {
    "flipped by numpy": (
        "",
        "return self.out(self.rnn(self.embed(torch.from_numpy(np.flip(x.numpy(), 1).copy())))[0])",
    ),
    "packed from a list": (
        "",
        "packed = pack_sequence([self.embed(one) for one in x], enforce_sorted=False)\n"
        "        y, n = pad_packed_sequence(self.rnn(packed)[0], total_length=9)\n        return self.out(y)",
    ),
    "other values in the same order": (
        ", batch_first=True",
        "p = pack_padded_sequence(x, torch.tensor([7] * len(x)), batch_first=True)\n"
        "        p = PackedSequence(self.embed(p.data), p.batch_sizes)\n"
        "        return self.out(pad_packed_sequence(self.rnn(p)[0], batch_first=True)[0])",
    ),
}


@pytest.mark.parametrize(("settings", "body"), BODIES.values(), ids=BODIES)
def test_the_output_has_the_shape_that_pytorch_gives(settings, body):
    text = TEXT.format(settings=settings, body=body)
    scope = {"nn": nn, "torch": torch, "np": np}
    exec(text, scope)
    x = torch.zeros(3, 7).long()
    assert parse(text).module(x.to("meta")).shape == scope["net"](x).shape
