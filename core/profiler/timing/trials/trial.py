"""One kernel to be measured, and how large kernels are."""

from __future__ import annotations

import functools
import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from core.profiler.timing.kernels import KernelCall
from core.profiler.timing.operations import kernels_of

TILE = 1 << 18


@dataclass(frozen=True)
class Trial:
    """A call to be measured: `build(device)` makes its arguments, about `nbytes` of them.

    `kernel` says what is measured where `func` is no operation of ATen, and how many of it in one call is `repeats`.
    `warm` is the argument that a network has just computed when it calls the operation.
    """

    func: Any
    build: Callable[[torch.device], tuple]
    nbytes: int
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    kernel: KernelCall | None = None
    repeats: int = 1
    warm: int = 0

    def described(self, args: tuple, result: Any) -> KernelCall | None:
        """The kernel of a call with these arguments; None where it only makes a view."""
        return self.kernel or next(iter(kernels_of(self.func, args, result)), None)


@dataclass(frozen=True)
class Extent:
    """How large the kernels of a calibration are: a device runs the largest in some milliseconds."""

    macs: tuple[float, float]  # of one convolution or matrix product: least, most
    cells: tuple[float, float]  # of one tensor


EXTENTS = {"cpu": Extent((3e5, 6e8), (4e2, 8e6)), "cuda": Extent((1e7, 4e10), (1e4, 2e8))}


def between(draw: random.Random, limits: tuple[float, float]) -> float:
    """A number that is as likely to lie in one power of two as in another."""
    return math.exp(draw.uniform(*map(math.log, limits)))


def values(*size: int, device: torch.device, dtype: torch.dtype = torch.float32) -> Tensor:
    """Random values, the same `TILE` of them over and over: drawing all would take longer than measuring."""
    tile = _tile().to(device, dtype)
    flat = torch.empty(math.prod(size), dtype=dtype, device=device)
    for start in range(0, flat.numel(), TILE):
        part = flat[start : start + TILE]
        part.copy_(tile[: part.numel()])
    return flat.view(size)


@functools.cache
def _tile() -> Tensor:
    return torch.randn(TILE)
