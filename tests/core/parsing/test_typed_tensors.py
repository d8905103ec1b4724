"""Tensors of one type of number, made of sizes or of values: as PyTorch makes them."""

from __future__ import annotations

import pytest
import torch

from core.parsing import parse

NET = """
import torch
import torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(6, 4)

    def forward(self, x):
        x = self.a(x)
        return {}

net = Net()
"""
MADE = [
    "torch.FloatTensor(x.size()).normal_()",
    "torch.FloatTensor(*x.size())",
    "torch.LongTensor([2, 0, 1])",
    "torch.IntTensor(3, 5)",
    "torch.ByteTensor([1, 0])",
    "torch.DoubleTensor(x.shape)",
    "torch.Tensor(x.size())",
    "x.new(x.size()).normal_()",
    "x.data.new(3, 5)",
    "x.new([1, 2])",
    "x.new_tensor([1, 2])",
    "x + x.new(x.size(0), 1).zero_()",
]


@pytest.mark.parametrize("made", MADE)
def test_a_tensor_of_a_type_has_the_size_and_type_that_pytorch_gives_it(made):
    scope: dict = {}
    exec(NET.format(made), scope)
    real = scope["net"](torch.zeros(2, 6))
    read = parse(NET.format(made)).module(torch.zeros(2, 6, device="meta"))
    assert (read.shape, read.dtype) == (real.shape, real.dtype)


def test_the_values_of_a_list_stay_known():
    text = NET.replace("nn.Linear(6, 4)", "nn.Linear(6, torch.IntTensor([3, 5])[1].item())").format("x")
    assert parse(text).module(torch.zeros(2, 6, device="meta")).shape == (2, 5)
