"""Recurrent layers without memory: their shapes are those that PyTorch computes."""

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
