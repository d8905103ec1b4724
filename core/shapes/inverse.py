"""The size formulas read backwards: every layer that turns one size into another, simplest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from core.shapes.sizes import conv_output_size, require_legal, span
from core.shapes.windows import TransposedWindow, Window


def solve_conv(
    size: int,
    target: int,
    kernels: Iterable[int] = range(1, 12),
    strides: Iterable[int] = range(1, 5),
    paddings: Iterable[int] = range(6),
    dilations: Iterable[int] = range(1, 4),
) -> list[Window]:
    """Every window within the given ranges that turns a side of `size` into one of `target`, simplest first.

    Simplest: dense before dilated, then the smaller stride, the smaller padding, the smaller kernel.

    >>> solve_conv(32, 28, kernels=(3, 5))[:2]
    [Window(kernel=5, stride=1, padding=0, dilation=1), Window(kernel=3, stride=1, padding=0, dilation=2)]
    """
    require_legal(size=size)
    return [
        Window(kernel, stride, padding, dilation)
        for kernel, stride, padding, dilation in _simplest_first(kernels, strides, paddings, dilations)
        if span(kernel, dilation) <= size + 2 * padding
        and conv_output_size(size, kernel, stride, padding, dilation) == target
    ]


def solve_conv_transpose(
    size: int,
    target: int,
    kernels: Iterable[int] = range(1, 12),
    strides: Iterable[int] = range(1, 5),
    paddings: Iterable[int] = range(6),
    dilations: Iterable[int] = range(1, 4),
) -> list[TransposedWindow]:
    """Every transposed convolution within the ranges that turns `size` into `target`, ordered as `solve_conv` does.

    The output padding follows from the rest; where none is legal, there is no such layer.

    >>> solve_conv_transpose(7, 14, kernels=(3, 4), paddings=(1,), dilations=(1,))[0]
    TransposedWindow(kernel=4, stride=2, padding=1, output_padding=0, dilation=1)
    """
    require_legal(size=size)
    windows = []
    for kernel, stride, padding, dilation in _simplest_first(kernels, strides, paddings, dilations):
        output_padding = target - ((size - 1) * stride - 2 * padding + span(kernel, dilation))
        if target >= 1 and 0 <= output_padding < max(stride, dilation):
            windows.append(TransposedWindow(kernel, stride, padding, output_padding, dilation))
    return sorted(windows, key=lambda w: (w.dilation, w.stride, w.padding, w.output_padding, w.kernel))


def _simplest_first(
    kernels: Iterable[int], strides: Iterable[int], paddings: Iterable[int], dilations: Iterable[int]
) -> Iterator[tuple[int, int, int, int]]:
    """Legal (kernel, stride, padding, dilation), ordered by dilation, stride, padding, kernel."""
    choices = product(*(sorted(set(values)) for values in (dilations, strides, paddings, kernels)))
    for dilation, stride, padding, kernel in choices:
        if min(dilation, stride, kernel) >= 1 and padding >= 0:
            yield kernel, stride, padding, dilation
