"""Functions of PyTorch that tensors without memory do not have, or have only where some values are known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from core.errors import ParseError
from core.parsing.evaluation.known import known


def _repeat_interleave(x: Tensor, repeats: Any, dim: Any = None, *, output_size: Any = None) -> Tensor:
    """`x.repeat_interleave(repeats, dim)`; how often each of them is repeated may be known."""
    times = known(repeats)
    if output_size is None and times is not None:
        output_size = int(times.expand(x.numel() if dim is None else x.shape[dim]).sum())
    return torch.repeat_interleave(x, repeats, dim, output_size=output_size)


def _one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """`F.one_hot(labels, num_classes)`; without the number, the largest label says it."""
    labels = known(tensor)
    if num_classes == -1 and labels is not None:
        num_classes = int(labels.max()) + 1
    elif num_classes == -1 and tensor.is_meta:
        raise ParseError("how many classes there are depends on the values of a tensor: write num_classes=.")
    return F.one_hot(tensor, num_classes)


def _istft(
    input: Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Tensor | None = None,
    center: bool = True,
    normalized: bool = False,
    onesided: bool | None = None,
    length: int | None = None,
    return_complex: bool = False,
) -> Tensor:
    """`torch.istft`: as many samples as the frames were taken from."""
    if not input.is_meta:
        settings = (hop_length, win_length, window, center, normalized, onesided, length, return_complex)
        return torch.istft(input, n_fft, *settings)
    samples = n_fft + (n_fft // 4 if hop_length is None else hop_length) * (input.shape[-1] - 1)
    samples = (samples - 2 * (n_fft // 2) if center else samples) if length is None else length
    return input.real.new_empty(*input.shape[:-2], samples)


def _covariance(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """`torch.cov` and `torch.corrcoef`: a row and a column for each variable."""

    def run(input: Tensor, **how: Any) -> Tensor:
        if not input.is_meta:
            return function(input, **how)
        variables = input.shape[:1] if input.dim() == 2 else ()
        return input.new_empty(variables * 2)

    return run


OWN: dict[str, Callable[..., Any]] = {
    "repeat_interleave": _repeat_interleave,
    "one_hot": _one_hot,
    "istft": _istft,
    "cov": _covariance(torch.cov),
    "corrcoef": _covariance(torch.corrcoef),
}
