"""Sparse gradients: an embedding that is told so gives the rows that it looked up, and which they are.

A fake tensor stands for such a gradient with the size of the whole; its storage holds nothing itself, but keeps the
storages of rows and places.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from core.profiler.fake_tensor.tensor import FakeTensor, MemoryBlock, dense

aten = torch.ops.aten


def sparse_parts(func: Any, args: tuple) -> tuple[tuple[int, ...], Tensor, Tensor] | None:
    """Size, places and rows where an operation makes a sparse tensor of them."""
    if func is aten._sparse_coo_tensor_with_dims_and_tensors.default:
        return tuple(args[2]), args[3], args[4]
    return (tuple(args[2]), args[0], args[1]) if func is aten._sparse_coo_tensor_unsafe.default else None


def made_of(size: tuple[int, ...], indices: Tensor, values: Tensor, block: MemoryBlock) -> FakeTensor:
    """The fake tensor of a size on an empty `block`, made of places (axes, n) and rows (n, ...)."""
    block.parts = (indices, values)
    return FakeTensor((size, dense(size), 0, values.dtype), block)


def added(fakes: list[FakeTensor], make: Callable[..., FakeTensor], block: Callable[[], MemoryBlock]) -> FakeTensor:
    """The sum of two: all places and all rows of both."""
    places, rows = fakes[0].block.parts
    count = sum(fake.block.parts[0].shape[1] for fake in fakes)
    indices = make((places.shape[0], count), None, torch.int64)
    values = make((count, *rows.shape[1:]), None, rows.dtype)
    return made_of(tuple(fakes[0].shape), indices, values, block())
