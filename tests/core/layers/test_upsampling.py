"""Every way to enlarge against its definition, forward and backward; equal write counts make no checkerboard."""

import math

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
    shuffled,
    transposed,
    transposed_size,
    write_count_range,
    write_counts,
)

scales, kernels = st.integers(2, 4), st.integers(2, 7)


def nearest(at, scale):
    """The input places that output place `at` reads along one side, with their weights."""
    return [(at // scale, 1.0)]


def bilinear(at, scale):
    place = max((at + 0.5) / scale - 0.5, 0)
    first = math.floor(place)
    return [(first, 1 - (place - first)), (first + 1, place - first)]


def bicubic(at, scale):
    """Keys' cubic with a = -0.75 over the four neighbours."""

    def weight(t):
        t = abs(t)
        return 1.25 * t**3 - 2.25 * t**2 + 1 if t <= 1 else -0.75 * (t**3 - 5 * t**2 + 8 * t - 4)

    place = (at + 0.5) / scale - 0.5
    first = math.floor(place)
    return [(first + u, weight(place - first - u)) for u in (-1, 0, 1, 2)]


def interpolated(taps, x, scale):
    """Each output a weighted sum of inputs, those beyond the border taken from the border."""
    height, width = x.shape[2:]

    def inside(found, side):
        return [(min(max(at, 0), side - 1), weight) for at, weight in found]

    rows = [inside(taps(i, scale), height) for i in range(height * scale)]
    columns = [inside(taps(j, scale), width) for j in range(width * scale)]
    return torch.stack(
        [
            torch.stack([sum(a * b * x[..., u, v] for u, a in row for v, b in column) for column in columns], -1)
            for row in rows
        ],
        -2,
    )


def stamped(module, x, scale):
    """A transposed convolution as stamps: each input lays the kernel, times itself, on the output."""
    kernel, (padding, _) = module.weight.shape[-1], module.padding
    reach = [side * scale + kernel + padding for side in x.shape[2:]]
    y = x.new_zeros(*x.shape[:2], *reach)
    for i in range(x.shape[2]):
        for j in range(x.shape[3]):
            stamp = x[..., i, j][..., None, None] * module.weight[:, 0]
            room = (j * scale, reach[1] - kernel - j * scale, i * scale, reach[0] - kernel - i * scale)
            y = y + F.pad(stamp, room)
    return y[..., padding : padding + x.shape[2] * scale, padding : padding + x.shape[3] * scale]


def dealt_out(module, x, scale):
    """Each output of a pixel shuffle is one small convolution at its cell, by the map whose turn it is there."""
    weight = module[0].weight  # (C * s * s, 1, k, k)
    half = weight.shape[-1] // 2
    padded = F.pad(x, (half,) * 4)

    def value(c, i, j):
        window = padded[:, c, i // scale : i // scale + 2 * half + 1, j // scale : j // scale + 2 * half + 1]
        return (window * weight[c * scale**2 + i % scale * scale + j % scale, 0]).sum((1, 2))

    size = [side * scale for side in x.shape[2:]]
    maps = [
        torch.stack([torch.stack([value(c, i, j) for j in range(size[1])], -1) for i in range(size[0])], -2)
        for c in range(x.shape[1])
    ]
    return torch.stack(maps, 1)


REFERENCES = {
    "Nearest": lambda module, x, scale: interpolated(nearest, x, scale),
    "Bilinear": lambda module, x, scale: interpolated(bilinear, x, scale),
    "Bicubic": lambda module, x, scale: interpolated(bicubic, x, scale),
    "Transposed convolution": stamped,
    "Pixel shuffle": dealt_out,
}


@pytest.mark.parametrize("name", UPSAMPLINGS)
@pytest.mark.parametrize(("scale", "kernel"), [(2, 3), (3, 5)])
def test_forward_and_backward_agree_with_the_slow_reference(name, scale, kernel):
    entry = UPSAMPLINGS[name]
    knobs = {"kernel_size": kernel, "weights": "random"} if entry.learnable else {}
    module = entry.build(2, scale, **knobs).double()
    luck = torch.Generator().manual_seed(0)
    x = torch.rand(2, 2, 3, 4, generator=luck, dtype=torch.float64).requires_grad_()
    got, want = module(x), REFERENCES[name](module, x, scale)
    torch.testing.assert_close(got, want)
    asked, weights = [x, *module.parameters()], torch.rand(got.shape, generator=luck, dtype=torch.float64)
    found = torch.autograd.grad((got * weights).sum(), asked)
    torch.testing.assert_close(found, torch.autograd.grad((want * weights).sum(), asked))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("name", UPSAMPLINGS)
def test_runs_forward_and_backward_in_every_precision(name, dtype):
    module = UPSAMPLINGS[name].build(1, 2)
    x = torch.rand(1, 1, 4, 4, generator=torch.Generator().manual_seed(0)).to(dtype)
    want = module.double()(x.double()).detach()
    x.requires_grad_()
    y = module.to(dtype)(x)
    y.sum().backward()
    assert y.dtype == x.grad.dtype == dtype
    assert x.grad.isfinite().all()
    torch.testing.assert_close(y.detach().double(), want, atol=0.03, rtol=0.02)


@pytest.mark.parametrize("name", UPSAMPLINGS)
@pytest.mark.parametrize("scale", [2, 3, 4])
def test_enlarges_by_the_scale_and_learns_only_where_it_says(name, scale):
    entry = UPSAMPLINGS[name]
    module = entry.build(3, scale, **entry.defaults)
    x = torch.rand(2, 3, 5, 7, requires_grad=True)
    y = module(x)
    assert y.shape == (2, 3, 5 * scale, 7 * scale)
    y.sum().backward()
    assert x.grad.abs().sum() > 0
    assert bool(list(module.parameters())) == entry.learnable


@settings(deadline=None, max_examples=30)
@given(scales, kernels, st.sampled_from(list(UPSAMPLINGS)))
def test_printed_expression_builds_the_same_module(scale, kernel, name):
    entry = UPSAMPLINGS[name]
    knobs = {"kernel_size": kernel} if entry.learnable else {}
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
def test_write_counts_are_equal_inside_exactly_where_the_stride_divides_the_kernel(scale, kernel):
    fewest, most = write_count_range(kernel, scale)
    assert (fewest == most) == (kernel % scale == 0)
    counted = write_counts(6, kernel, scale)
    assert counted.sum() == 36 * kernel**2


def test_pixel_shuffle_lays_maps_side_by_side():
    x = torch.arange(8.0).view(1, 4, 1, 2)  # four maps of 1 x 2
    assert nn.PixelShuffle(2)(x)[0, 0].tolist() == [[0, 2, 1, 3], [4, 6, 5, 7]]
    for c in range(1):
        for u in range(2):
            for v in range(2):
                assert nn.PixelShuffle(2)(x)[0, c, u, v] == x[0, c * 4 + u * 2 + v, 0, 0]


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_a_grey_picture_stays_grey_with_uniform_weights_of_pixel_shuffle_and_bilinear_transposed(scale):
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
