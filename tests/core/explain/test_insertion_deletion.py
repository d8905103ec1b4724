"""Insertion and deletion curves of networks whose probability can be written down."""

import pytest
import torch
from torch import nn

from core.explain import insertion_deletion


class CountsPixels(nn.Module):
    """The logit of class 1 is the logarithm of the sum of all pixels, that of class 0 is 0."""

    def forward(self, x):
        total = x.sum((1, 2, 3)).clamp(min=1e-30)
        return torch.stack([torch.zeros_like(total), total.log()], 1)


def test_deletion_of_equal_pixels_is_the_closed_form():
    curves = insertion_deletion(CountsPixels(), torch.ones(1, 1, 8, 8), 1, torch.rand(8, 8), steps=16)
    left = 64 * (1 - curves.shares)
    torch.testing.assert_close(curves.deletion, left / (1 + left), rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(curves.insertion, torch.full((17,), 64 / 65).double(), rtol=1e-6, atol=1e-6)
    assert curves.shares.tolist() == [number / 16 for number in range(17)]


class ReadsCorner(nn.Module):
    """Class 1 by the upper left quarter alone."""

    def forward(self, x):
        score = x[:, 0, :4, :4].mean((1, 2)) * 8
        return torch.stack([torch.zeros_like(score), score], 1)


def test_the_right_order_beats_a_drawn_one_and_that_the_reverse():
    x = torch.zeros(1, 1, 8, 8)
    x[..., :4, :4] = 1
    x[..., ::2, :] *= 3  # the blurred image is another one
    right = x[0, 0]
    areas = [insertion_deletion(ReadsCorner(), x, 1, order) for order in (right, torch.zeros(8, 8), -right)]
    assert areas[0].deletion_area < areas[1].deletion_area < areas[2].deletion_area
    assert areas[0].insertion_area > areas[1].insertion_area > areas[2].insertion_area


def test_pixels_leave_in_the_order_of_their_importance():
    x = torch.ones(1, 1, 2, 2)
    weights = torch.tensor([[8.0, 4], [2, 1]])

    class Weighted(nn.Module):
        def forward(self, x):
            total = (x[:, 0] * weights).sum((1, 2)).clamp(min=1e-30)
            return torch.stack([torch.zeros_like(total), total.log()], 1)

    curves = insertion_deletion(Weighted(), x, 1, weights, steps=4)
    assert curves.deletion.tolist() == pytest.approx([15 / 16, 7 / 8, 3 / 4, 1 / 2, 0])
    assert curves.deletion_area == pytest.approx((15 / 32 + 7 / 8 + 3 / 4 + 1 / 2) / 4)
    assert insertion_deletion(Weighted(), x, 0, weights, steps=4).deletion_area == pytest.approx(
        1 - curves.deletion_area
    )


def test_equal_pixels_come_in_an_order_of_their_own():
    x, even = torch.rand(1, 3, 8, 8), torch.zeros(8, 8)
    first, again, other = (insertion_deletion(ReadsCorner(), x, 1, even, seed=seed).deletion for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
