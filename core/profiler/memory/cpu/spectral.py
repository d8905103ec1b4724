"""What Fourier transforms hold for themselves: copies in which the transformed axes lie last.

Found by watching the allocator (PyTorch 2.13 with MKL); `ATen/native/mkl/SpectralOps.cpp` moves the axes.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any


def forward(args: tuple, output: Any) -> int:
    """Bytes above the result of `_fft_r2c` and `_fft_c2c`: the input once more, where its other axes are no one run."""
    x, axes = args[0], _axes(args)
    others = [axis for axis in range(x.dim()) if axis not in axes]
    sides = sorted(((x.stride(axis), x.shape[axis]) for axis in others), reverse=True)
    is_run = all(outer == stride * side for (outer, _), (stride, side) in pairwise(sides))
    return 0 if is_run else int(x.nbytes)


def to_real(args: tuple, output: Any) -> int:
    """Bytes above the result of `_fft_c2r`: all axes but the last one are transformed first, into a tensor apart."""
    x, axes = args[0], _axes(args)
    if len(axes) == 1:
        return 0
    return int(x.nbytes) * (1 if len(axes) == x.dim() else 2)


def _axes(args: tuple) -> set[int]:
    return {axis % args[0].dim() for axis in args[1]}
