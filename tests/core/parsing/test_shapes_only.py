"""Recurrent layers and arithmetic without memory: their shapes are those that PyTorch computes."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.parsing.shapes_only import ShapesOnly

KINDS = {
    "projected": (nn.LSTM, {"proj_size": 2, "num_layers": 2}),
    "both ways": (nn.GRU, {"bidirectional": True, "batch_first": True}),
    "plain": (nn.RNN, {"nonlinearity": "relu", "num_layers": 3}),
}


def shapes(value):
    return [tuple(one.shape) if isinstance(one, torch.Tensor) else shapes(one) for one in value]


@pytest.mark.filterwarnings("ignore:LSTM with projections")
@pytest.mark.parametrize("size", [(5, 3, 4), (5, 4)])
@pytest.mark.parametrize(("kind", "settings"), KINDS.values(), ids=KINDS)
def test_a_recurrent_layer_has_the_shapes_that_pytorch_gives(kind, settings, size):
    real = kind(4, 6, **settings)(torch.zeros(size))
    with ShapesOnly():
        told = kind(4, 6, device="meta", **settings)(torch.zeros(size, device="meta"))
    assert shapes(told) == shapes(real)


def test_sizes_that_do_not_fit_are_refused_all_the_same():
    with ShapesOnly(), pytest.raises(RuntimeError, match="must be equal to input_size"):
        nn.LSTM(4, 6, device="meta")(torch.zeros(5, 3, 7, device="meta"))


SUMS = {
    "x + y": lambda x, y: x + y,
    "x - 1": lambda x, y: x - 1,
    "x * y[0]": lambda x, y: x * y[0],
    "y[0] * x": lambda x, y: y[0] * x,
    "x / y.double()": lambda x, y: x / y.double(),
    "1 / x": lambda x, y: 1 / x,
    "x + True": lambda x, y: x + True,
    "x * 1j": lambda x, y: x * 1j,
    "x.half() + y.half()": lambda x, y: x.half() + y.half(),
    "x.add(y, alpha=2)": lambda x, y: x.add(y, alpha=2),
    "torch.div(x, 2, rounding_mode='floor')": lambda x, y: torch.div(x, 2, rounding_mode="floor"),
    "x += y": lambda x, y: x.add_(y),
}


@pytest.mark.parametrize("combine", SUMS.values(), ids=SUMS)
def test_arithmetic_has_the_shape_and_type_that_pytorch_gives(combine):
    real = combine(torch.ones(2, 3), torch.ones(2, 3))
    with ShapesOnly():
        told = combine(torch.ones(2, 3, device="meta"), torch.ones(2, 3, device="meta"))
    assert (told.shape, told.dtype, told.is_meta) == (real.shape, real.dtype, True)


def test_tensors_that_do_not_go_together_are_refused_all_the_same():
    with ShapesOnly(), pytest.raises(RuntimeError, match="broadcast"):
        torch.ones(2, 3, device="meta") + torch.ones(2, 4, device="meta")
