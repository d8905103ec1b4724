"""Gradients of a tensor that is used more than once are added up where the first of them lies.

PyTorch's engine does so with tensors that nobody else holds (`InputBuffer::accumulate`), but not with subclasses such
as ours: those it adds into a third. So the addition is told by the references to its first argument.
"""

from __future__ import annotations

import math
import sys
from typing import Any

import torch

from core.profiler.fake_tensor.tensor import FakeTensor, span

_ALONE = 4  # references to an argument of the engine that is held by the engine alone, on its way to us


def accumulated(func: Any, fakes: list[FakeTensor]) -> FakeTensor | None:
    """The sum of two gradients on the storage of the first, or None where it is something else.

    To be called from a dispatch mode while a backward pass runs, with the tensors that the operation was given.
    """
    if func is not torch.ops.aten.add.Tensor or len(fakes) != 2:
        return None
    first, second = fakes
    if first.spec[0] != second.spec[0] or first.spec[3] != second.spec[3] or first is second or first.block.parts:
        return None
    references = first._use_count()  # type: ignore[attr-defined]  # PyTorch's own stub does not know it
    if references > _ALONE or sys.getrefcount(first.block) > 2 or not _is_dense(first):
        return None
    total = first.alias()
    if total.carried is not None and second.carried is not None:
        total.carried.add_(second.carried)
    return total


def _is_dense(fake: FakeTensor) -> bool:
    """Whether the cells lie without gaps, and none upon another."""
    size, stride, _, _ = fake.spec
    return span(size, stride) == math.prod(size)
