"""Every way to enlarge does so by the scale, as its formula says, and even hits draw no checkerboard."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from core.layers.upsampling import (
    UPSAMPLINGS,
    WEIGHTS,
    bilinear_kernel,
    code_of,
    hits,
    hits_inside,
    shuffled,
    transposed,
    transposed_size,
)

scales, kernels = st.integers(2, 4), st.integers(2, 7)


@pytest.mark.parametrize("name", UPSAMPLINGS)
@pytest.mark.parametrize("scale", [2, 3, 4])
def test_enlarges_by_the_scale_and_learns_only_where_it_says(name, scale):
    entry = UPSAMPLINGS[name]
    module = entry.build(3, scale, **{key: knob.default for key, knob in entry.knobs.items()})
    x = torch.rand(2, 3, 5, 7, requires_grad=True)
    y = module(x)
    assert y.shape == (2, 3, 5 * scale, 7 * scale)
    y.sum().backward()
    assert x.grad.abs().sum() > 0
    assert bool(list(module.parameters())) == entry.learnt


@settings(deadline=None, max_examples=30)
@given(scales, kernels, st.sampled_from(list(UPSAMPLINGS)))
def test_printed_expression_builds_the_same_module(scale, kernel, name):
    entry = UPSAMPLINGS[name]
    knobs = {"kernel_size": kernel} if entry.learnt else {}
    ours, printed = entry.build(2, scale, **knobs), eval(code_of(name, 2, scale, kernel), {"nn": nn})
    assert repr(ours) == repr(printed)


@settings(deadline=None, max_examples=30)
@given(scales, kernels, st.sampled_from(WEIGHTS))
def test_transposed_is_the_sum_in_its_formula(scale, kernel, weights):
    layer = transposed(1, scale, kernel, weights, seed=3)
    x = torch.rand(1, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    y = torch.zeros(4 * scale, 4 * scale)
    padding = layer.padding[0]
    for i in range(4):
        for j in range(4):
            for u in range(kernel):
                for v in range(kernel):
                    row, column = scale * i + u - padding, scale * j + v - padding
                    if 0 <= row < len(y) and 0 <= column < len(y):
                        y[row, column] += layer.weight[0, 0, u, v].item() * x[0, 0, i, j]
    torch.testing.assert_close(layer(x)[0, 0], y)
    assert transposed_size(4, kernel, scale) == 4 * scale


@settings(deadline=None, max_examples=30)
@given(scales, kernels)
def test_hits_are_even_inside_exactly_where_the_stride_divides_the_kernel(scale, kernel):
    fewest, most = hits_inside(kernel, scale)
    assert (fewest == most) == (kernel % scale == 0)
    counted = hits(6, kernel, scale)
    assert counted.sum() == 36 * kernel**2


def test_pixel_shuffle_lays_maps_side_by_side():
    x = torch.arange(8.0).view(1, 4, 1, 2)  # four maps of 1 x 2
    assert nn.PixelShuffle(2)(x)[0, 0].tolist() == [[0, 2, 1, 3], [4, 6, 5, 7]]
    for c in range(1):
        for u in range(2):
            for v in range(2):
                assert nn.PixelShuffle(2)(x)[0, c, u, v] == x[0, c * 4 + u * 2 + v, 0, 0]


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_a_grey_picture_stays_grey_with_even_weights_of_pixel_shuffle_and_bilinear_transposed(scale):
    grey = torch.full((1, 1, 8, 8), 0.5)
    inside = slice(3 * scale, 5 * scale)
    shuffle = shuffled(1, scale)(grey)[0, 0, inside, inside]
    torch.testing.assert_close(shuffle, torch.full_like(shuffle, 0.5))
    bilinear = transposed(1, scale, 2 * scale, "bilinear")(grey)[0, 0, inside, inside]
    torch.testing.assert_close(bilinear, torch.full_like(bilinear, 0.5))


def test_bilinear_weights_interpolate_as_upsample_does_inside():
    x = torch.rand(1, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    ours = transposed(1, 2, 4, "bilinear")(x)[..., 2:-2, 2:-2]
    theirs = F.interpolate(x, scale_factor=2, mode="bilinear")[..., 2:-2, 2:-2]
    torch.testing.assert_close(ours, theirs)
    assert bilinear_kernel(4, 2).sum() == 4


def test_random_weights_repeat_by_seed():
    one, two, other = (transposed(1, 2, 3, "random", seed).weight for seed in (1, 1, 2))
    assert torch.equal(one, two)
    assert not torch.equal(one, other)
