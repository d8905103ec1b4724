"""Windows of Paddle that PyTorch has not: shapes that Paddle 3.3 gives, and values worked out by hand."""

import pytest
import torch

from core.parsing import parse
from core.parsing.dialects.paddle.windows import max_pooled, mean_pooled

SHAPES = {  # layer -> input, output in Paddle
    "nn.Conv2D(3, 8, 3, 2, 'SAME')": ((3, 32, 33), (8, 16, 17)),
    "nn.Conv2D(3, 8, 3, 2, 'SAME', dilation=2)": ((3, 32, 33), (8, 16, 17)),
    "nn.Conv1D(3, 4, 5, 2, 'SAME')": ((3, 21), (4, 11)),
    "nn.Conv2D(3, 8, 3, padding=[[0, 0], [0, 0], [1, 2], [3, 4]])": ((3, 8, 8), (8, 9, 13)),
    "nn.Conv1D(3, 8, 3, padding=[1, 2])": ((3, 8), (8, 9)),
    "nn.Conv2DTranspose(3, 8, 4, 2, 'VALID')": ((3, 8, 8), (8, 18, 18)),
    "nn.MaxPool2D(3, 2, padding='same')": ((3, 22, 23), (3, 11, 12)),
    "nn.AvgPool2D(3, 2, padding='same')": ((3, 22, 23), (3, 11, 12)),
    "nn.MaxPool2D(3, 2, 1, ceil_mode=True)": ((3, 22, 23), (3, 12, 12)),
    "nn.MaxPool2D(3, 2, [0, 1, 0, 1])": ((3, 22, 23), (3, 11, 11)),
    "nn.BatchNorm(3)": ((3, 22), (3, 22)),
    "nn.BatchNorm(3, act='relu')": ((3, 4, 4, 4), (3, 4, 4, 4)),
    "nn.SyncBatchNorm(3)": ((3,), (3,)),
}


@pytest.mark.parametrize(("layer", "shapes"), SHAPES.items())
def test_a_window_gives_the_shape_that_paddle_gives(layer, shapes):
    given, expected = shapes
    parsed = parse(f"import paddle.nn as nn\nnet = nn.Sequential({layer})", input_shape=given)
    assert parsed.module(torch.zeros(2, *given, device="meta")).shape == (2, *expected)


def test_cells_around_the_input_never_win_and_never_count():
    row = torch.tensor([[[-3.0, -1.0, -2.0]]])
    assert max_pooled(row, (2,), (2,), None, False).tolist() == [[[-1.0, -2.0]]]
    assert mean_pooled(row, (2,), (2,), None, False, True).tolist() == [[[-2.0, -2.0]]]
    assert mean_pooled(row, (2,), (2,), [(0, 0)], True, False).tolist() == [[[-2.0, -1.0]]]


@pytest.mark.parametrize("rank", [2, 3, 4, 5])
def test_a_batch_norm_becomes_the_one_that_its_first_input_needs(rank):
    shape = (3, *[4] * (rank - 2))
    net = parse("import paddle.nn as nn\nnet = nn.Sequential(nn.BatchNorm(3))", device="cpu").module
    assert net(torch.zeros(2, *shape)).shape == (2, *shape)
    assert type(net[0]).__name__ == f"BatchNorm{max(1, rank - 2)}d"
