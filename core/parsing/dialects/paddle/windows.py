"""Paddle's windows that PyTorch has not: padded by the size of the input, unevenly, or beyond the last whole window.

"SAME" pads so that there are ceil(n / stride) windows, the odd cell behind. `ceil_mode` adds a last window wherever
cells are left, also where only padding is under it; PyTorch leaves that one out.
Source: paddle/phi/kernels/funcs/pooling.h, and the API reference of paddle.nn, release 3.3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.parsing.dialects.translation import each, word
from core.shapes import same_padding

Sides = tuple[int, ...]
Borders = Sequence[tuple[int, int]]  # cells (before, after) on each axis; None is "SAME"
MAX_POOLS: tuple[Callable[..., Tensor], ...] = (F.max_pool1d, F.max_pool2d, F.max_pool3d)
MEAN_POOLS: tuple[Callable[..., Tensor], ...] = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)


def borders(padding: Any, axes: int) -> Borders | None:
    """A padding in one of its forms as cells on each side of each axis, None for "SAME".

    >>> borders([1, 2, 3, 4], 2), borders(1, 1), borders("VALID", 1), borders([[0, 0], [0, 0], [1, 2]], 1)
    (((1, 2), (3, 4)), ((1, 1),), ((0, 0),), ((1, 2),))
    """
    if isinstance(padding, str):
        return None if word(padding, "padding", ("same", "valid")) == "same" else ((0, 0),) * axes
    values = tuple(padding) if isinstance(padding, (list, tuple)) else padding
    if isinstance(values, tuple) and values and isinstance(values[0], (list, tuple)):
        return tuple((first, last) for first, last in values[-axes:])
    if isinstance(values, tuple) and len(values) == 2 * axes and axes > 1:
        return tuple((values[place], values[place + 1]) for place in range(0, len(values), 2))
    if isinstance(values, tuple) and len(values) == 2 and axes == 1:
        return (values,)
    return tuple((cells, cells) for cells in each(values, axes, "padding", low=0))


def padded(x: Tensor, kernel: Sides, stride: Sides, around: Borders | None, ceil: bool, value: float) -> Tensor:
    """The input with all cells around it that its windows reach."""
    sides = x.shape[-len(kernel) :]
    if around is None:
        around = [same_padding(n, k, s) for n, k, s in zip(sides, kernel, stride, strict=True)]
    elif ceil:
        left = [(k - n - sum(both)) % s for n, k, s, both in zip(sides, kernel, stride, around, strict=True)]
        around = [(first, last + more) for (first, last), more in zip(around, left, strict=True)]
    return F.pad(x, [cells for both in reversed(around) for cells in both], value=value)


def max_pooled(x: Tensor, kernel: Sides, stride: Sides, around: Borders | None, ceil: bool) -> Tensor:
    """The largest value under each window."""
    return MAX_POOLS[len(kernel) - 1](padded(x, kernel, stride, around, ceil, float("-inf")), kernel, stride)


def mean_pooled(x: Tensor, kernel: Sides, stride: Sides, around: Borders | None, ceil: bool, exclusive: bool) -> Tensor:
    """The mean under each window, without the cells around the input where these are `exclusive`."""
    pool = MEAN_POOLS[len(kernel) - 1]
    mean = pool(padded(x, kernel, stride, around, ceil, 0.0), kernel, stride)
    if not exclusive:
        return mean
    return mean / pool(padded(torch.ones_like(x), kernel, stride, around, ceil, 0.0), kernel, stride)


class BorderedPool(nn.Module):
    """A pool over such windows. Shapes: (B, C, *sides) in, as many sides out."""

    def __init__(
        self, kind: str, kernel: tuple[int, ...], stride: tuple[int, ...], around: Any, ceil: bool, exclusive: bool
    ):
        super().__init__()
        self.kind, self.kernel_size, self.stride = kind, kernel, stride
        self.padding, self.ceil_mode, self.exclusive = around, ceil, exclusive

    def forward(self, x: Tensor) -> Tensor:
        settings = (x, self.kernel_size, self.stride, self.padding, self.ceil_mode)
        return max_pooled(*settings) if self.kind == "max" else mean_pooled(*settings, self.exclusive)

    def extra_repr(self) -> str:
        return f"{self.kind}, kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class SameConv1d(nn.Conv1d):
    """A convolution of ceil(n / stride) windows; Paddle takes no dilation beside that."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(padded(x, self.kernel_size, self.stride, None, False, 0.0))


class SameConv2d(nn.Conv2d):
    """The same in two directions."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(padded(x, self.kernel_size, self.stride, None, False, 0.0))


class SameConv3d(nn.Conv3d):
    """The same in three directions."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(padded(x, self.kernel_size, self.stride, None, False, 0.0))


WINDOWS: dict[str, type[nn.Module]] = {one.__name__: one for one in (BorderedPool, SameConv1d, SameConv2d, SameConv3d)}
