"""The figures of the dense lesson, against PyTorch called plainly."""

import numpy as np
import pytest
import torch
from torch import nn

from core.lessons.dense_to_conv import layers


@pytest.mark.parametrize("shape", layers.SHAPES)
@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize(("right", "down"), [(1, 1), (-1, 0), (0, 2), (2, -2)])
def test_convolution_follows_everywhere_and_dense_does_not(shape, padding, right, down):
    setup = layers.Setup(size=8, shape=shape, padding=padding, right=right, down=down, kernel="Nine different")
    found = layers.compare(setup)
    layer = nn.Conv2d(1, 1, 3, padding=padding, bias=False).double()
    layer.weight.data = torch.tensor(layers.KERNELS["Nine different"], dtype=torch.float64)[None, None]
    for picture, answer in ((found.picture, found.answer), (found.moved, found.conv_moved)):
        want = layer(torch.from_numpy(picture)[None, None])[0, 0].detach().numpy()
        np.testing.assert_allclose(answer, want, atol=1e-9)
    np.testing.assert_allclose(found.dense_matrix @ found.picture.flatten(), found.answer.flatten(), atol=1e-9)
    same, total = layers.followed_cells(found, found.conv_moved)
    assert same == total > 0
    same, total = layers.followed_cells(found, found.dense_moved)
    assert same < total


def test_published_counts():
    assert nn.Linear(25, 9, bias=False).weight.numel() == layers.dense_parameters(25, 9) == 225
    for channels, count in ((1, 50), (3, 140)):
        layer = nn.Conv2d(channels, 5, 3)
        assert sum(p.numel() for p in layer.parameters()) == layers.conv_parameters(channels, 5, 3) == count
