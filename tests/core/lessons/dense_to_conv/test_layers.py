"""Fully connected layer and convolution against PyTorch: outputs, what shifts with the input, parameter counts."""

import numpy as np
import pytest
import torch
from torch import nn

from core.lessons.dense_to_conv import layers


@pytest.mark.parametrize("shape", layers.SHAPES)
@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize(("right", "down"), [(1, 1), (-1, 0), (0, 2), (2, -2)])
def test_convolution_is_equivariant_everywhere_and_dense_is_not(shape, padding, right, down):
    setup = layers.DenseVsConvSetup(size=8, shape=shape, padding=padding, right=right, down=down, kernel="1 to 9")
    comparison = layers.compare(setup)
    conv = nn.Conv2d(1, 1, 3, padding=padding, bias=False).double()
    conv.weight.data = torch.tensor(layers.KERNELS["1 to 9"], dtype=torch.float64)[None, None]
    pairs = ((comparison.image, comparison.output), (comparison.shifted_image, comparison.conv_output))
    for image, output in pairs:
        want = conv(torch.from_numpy(image)[None, None])[0, 0].detach().numpy()
        np.testing.assert_allclose(output, want, atol=1e-9)
    ours = comparison.dense_matrix @ comparison.image.flatten()
    np.testing.assert_allclose(ours, comparison.output.flatten(), atol=1e-9)
    same, total = layers.equivariant_cells(comparison, comparison.conv_output)
    assert same == total > 0
    same, total = layers.equivariant_cells(comparison, comparison.dense_output)
    assert same < total


def test_published_counts():
    assert nn.Linear(25, 9, bias=False).weight.numel() == layers.dense_parameters(25, 9) == 225
    for channels, count in ((1, 50), (3, 140)):
        conv = nn.Conv2d(channels, 5, 3)
        assert sum(p.numel() for p in conv.parameters()) == layers.conv_parameters(channels, 5, 3) == count
