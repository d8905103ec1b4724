"""What PyTorch refuses of a transposed convolution where there is memory, and lets pass where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor


def check_transposed(x: Tensor, weight: Tensor, stride: Any, dilation: Any, output_padding: Any) -> None:
    """Compares channels and paddings, as PyTorch does.

    Args: `x` (N, C, ...) or (C, ...) and `weight` (C, out, ...), without memory.
    Raises: RuntimeError in PyTorch's words.

    >>> import torch
    >>> check_transposed(torch.empty(1, 4, 8), torch.empty(4, 2, 5), 2, 1, 2)
    Traceback (most recent call last):
    RuntimeError: output padding must be smaller than either stride or dilation: output_padding 2, stride 2, dilation 1
    """
    axes = weight.dim() - 2
    if x.dim() not in (axes + 1, axes + 2):
        return
    channels = x.shape[x.dim() - axes - 1]
    if channels != weight.shape[0]:
        sizes, own = list(x.shape), list(weight.shape)
        raise RuntimeError(
            f"Given transposed=1, weight of size {own}, expected input{sizes} to have {own[0]} channels, "
            f"but got {channels} channels instead"
        )
    for axis in range(axes):
        extra, step, gap = (_at(values, axis) for values in (output_padding, stride, dilation))
        if extra and extra >= max(step, gap):
            raise RuntimeError(
                "output padding must be smaller than either stride or dilation: "
                f"output_padding {extra}, stride {step}, dilation {gap}"
            )


def _at(values: int | Sequence[int], axis: int) -> int:
    return values if isinstance(values, int) else values[axis % len(values)]
