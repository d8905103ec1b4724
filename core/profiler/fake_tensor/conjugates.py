"""Conjugates: views that are only marked, until an operation that does not know the mark writes them out."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import torch

from core.profiler.fake_tensor.tensor import FakeTensor

MARK = torch.ops.aten._conj.default


def written_out(func: Any, fakes: Sequence[FakeTensor], outputs: Any) -> int:
    """Bytes of the conjugates that an operation on `fakes` writes out first; marks those among its results.

    Source: aten/src/ATen/native/MathBitsFallback.h and MathBitFallThroughLists.h of PyTorch.
    """
    if func is MARK:
        outputs.is_conjugate = not fakes[0].is_conjugate
        return 0
    marked = [fake for fake in fakes if fake.is_conjugate]
    if not marked:
        return 0
    if not _knows_mark(func):
        return sum(math.prod(fake.spec[0]) * fake.spec[3].itemsize for fake in marked)
    for part in outputs if isinstance(outputs, (tuple, list)) else (outputs,):
        if isinstance(part, FakeTensor) and part.spec[3].is_complex and part.block is fakes[0].block:
            part.is_conjugate = fakes[0].is_conjugate
    return 0


@functools.cache
def _knows_mark(func: Any) -> bool:
    return bool(torch._C._dispatch_has_kernel_for_dispatch_key(func.name(), "Conjugate"))
