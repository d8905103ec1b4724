"""Specs of results: fresh tensors without gaps, and tensors laid out as another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from core.profiler.fake_tensor.tensor import Spec, dense, is_channels_last

Several = tuple[Spec | None, ...]


def fresh(size: Any, dtype: torch.dtype, channels_last: bool = False) -> Spec:
    """A fresh tensor without gaps."""
    size = tuple(size)
    return size, last_strides(size) if channels_last else dense(size), 0, dtype


def empty(size: Any, like: Tensor, channels_last: bool = False) -> Spec:
    return fresh(size, like.dtype, channels_last)


def last_strides(size: tuple[int, ...]) -> tuple[int, ...]:
    """Strides without gaps, channels closest together, then the last axis.

    >>> last_strides((2, 3, 5, 7))
    (105, 1, 21, 3)
    """
    steps = [size[1]]
    for side in reversed(size[2:]):
        steps.append(steps[-1] * side)
    return steps[-1], 1, *reversed(steps[:-1])


def like(tensor: Tensor, dtype: torch.dtype | None = None) -> Spec | None:
    """Same size, and the same strides where these leave no gaps; None where they do."""
    size, strides = tuple(tensor.shape), tensor.stride()
    if tensor.is_contiguous():
        return size, strides, 0, dtype or tensor.dtype
    if is_channels_last(tensor):
        return fresh(size, dtype or tensor.dtype, True)
    steps = [stride for stride, side in zip(strides, size, strict=True) if stride and side > 1]
    if 0 in strides and steps == sorted(steps, reverse=True):  # expanded along some axes
        return fresh(size, dtype or tensor.dtype)
    return None


def masked(specs: Several, output_mask: Sequence[bool]) -> Several:
    """Without the gradients that nobody asks for."""
    return tuple(spec if is_asked else None for spec, is_asked in zip(specs, output_mask, strict=True))
