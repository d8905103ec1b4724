"""Keras's SAME and VALID padding against a slow reference written from TensorFlow's definition."""

import math

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from core.parsing import materialize, parse


def reference_pads(n, kernel, stride, same):
    """TensorFlow's own words: out = ceil(n / s); total = max((out - 1) s + k - n, 0); the smaller half before."""
    total = max((math.ceil(n / stride) - 1) * stride + kernel - n, 0) if same else 0
    return total // 2, total - total // 2


def slow_windows(picture, kernel, stride, same):
    """Every window of a 2-d array, cells outside it left out, as a nested list of (cells, places in the kernel)."""
    (rows, columns), places = picture.shape, []
    (top, bottom), (left, right) = (reference_pads(n, kernel, stride, same) for n in picture.shape)
    for i in range(-top, rows + bottom - kernel + 1, stride):
        places.append([])
        for j in range(-left, columns + right - kernel + 1, stride):
            inside = [
                (u, v) for u in range(kernel) for v in range(kernel) if 0 <= i + u < rows and 0 <= j + v < columns
            ]
            places[-1].append([(picture[i + u, j + v], (u, v)) for u, v in inside])
    return places


windows = st.tuples(st.integers(5, 9), st.integers(5, 9), st.integers(1, 5), st.integers(1, 4), st.booleans())


def run(layer, picture, weight=None):
    rows, columns = picture.shape
    module = materialize(parse(f"Sequential([Input(({rows}, {columns}, 1)), {layer}])").module)
    if weight is not None:
        next(module.parameters()).data[:] = torch.as_tensor(weight)
    with torch.no_grad():
        return module(torch.as_tensor(picture)[None, None])[0, 0].numpy()


@settings(max_examples=60, deadline=None)
@given(windows)
def test_convolutions_pad_as_tensorflow_does(case):
    rows, columns, kernel, stride, same = case
    generator = np.random.default_rng(0)
    picture, weight = generator.normal(size=(rows, columns)), generator.normal(size=(kernel, kernel))
    picture, weight = picture.astype("float32"), weight.astype("float32")
    padding = "same" if same else "valid"
    got = run(f"Conv2D(1, {kernel}, strides={stride}, padding='{padding}', use_bias=False)", picture, weight)
    want = [[sum(x * weight[p] for x, p in w) for w in row] for row in slow_windows(picture, kernel, stride, same)]
    np.testing.assert_allclose(got, want, atol=1e-4)


@settings(max_examples=60, deadline=None)
@given(windows, st.sampled_from(["Max", "Average"]))
def test_pools_neither_see_nor_count_added_cells(case, kind):
    rows, columns, kernel, stride, same = case
    picture = (
        -np.random.default_rng(0).random((rows, columns), "float32") - 1
    )  # all below zero: a padded zero would win
    layer = f"{kind}Pooling2D({kernel}, strides={stride}, padding='{'same' if same else 'valid'}')"
    reduce = np.max if kind == "Max" else np.mean
    want = [[reduce([x for x, _ in w]) for w in row] for row in slow_windows(picture, kernel, stride, same)]
    np.testing.assert_allclose(run(layer, picture), want, atol=1e-5)


@settings(max_examples=60, deadline=None)
@given(windows)
def test_transposed_convolution_is_the_gradient_of_the_convolution(case):
    """TensorFlow defines Conv2DTranspose so, on a picture of n * stride (SAME) or n * stride + max(k - s, 0) cells."""
    rows, columns, kernel, stride, same = case
    picture = torch.randn(rows, columns, generator=torch.Generator().manual_seed(0))
    weight = torch.randn(kernel, kernel, generator=torch.Generator().manual_seed(1))
    larger = [n * stride + (0 if same else max(kernel - stride, 0)) for n in (rows, columns)]
    x = torch.zeros(1, 1, *larger, requires_grad=True)
    (top, bottom), (left, right) = (reference_pads(n, kernel, stride, same) for n in larger)
    y = F.conv2d(F.pad(x, (left, right, top, bottom)), weight[None, None], stride=stride)
    y.backward(picture[None, None])
    padding = "same" if same else "valid"
    got = run(
        f"Conv2DTranspose(1, {kernel}, strides={stride}, padding='{padding}', use_bias=False)", picture.numpy(), weight
    )
    np.testing.assert_allclose(got, x.grad[0, 0].numpy(), atol=1e-4)


def test_uneven_padding_is_written_out():
    assert "nn.ZeroPad2d((0, 1, 0, 1))" in parse("Sequential([Input((8, 8, 1)), Conv2D(4, 3, 2, 'same')])").lines
