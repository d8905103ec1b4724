"""Shape rules of norms: result, and statistics in the type of the parameters where these are wider."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from core.profiler.fake_tensor.specs import Several, empty, fresh, like, masked


def batch_norm(x: Tensor, *settings: Any) -> Several | None:
    training = settings[4]
    output = None if x.dim() < 2 else like(x)
    statistic = fresh(x.shape[1:2] if training else (0,), _statistics(x, settings[:4]))
    return None if output is None else (output, statistic, statistic)


def _statistics(x: Tensor, parameters: Sequence[Tensor | None]) -> torch.dtype:
    """The type of a norm's statistics: fp32 where 16-bit cells meet parameters in fp32, else that of the cells."""
    wide = any(parameter is not None and parameter.dtype is torch.float32 for parameter in parameters)
    return torch.float32 if wide else x.dtype


def batch_norm_backward(gradient: Tensor, x: Tensor, weight: Tensor | None, *settings: Any) -> Several | None:
    slope = like(x)
    gain = empty(x.shape[1:2], x if weight is None else weight)
    return None if slope is None else masked((slope, gain, gain), settings[-1])


def layer_norm(x: Tensor, shape: Sequence[int], *settings: Any) -> Several | None:
    if not x.is_contiguous() or tuple(x.shape[-len(shape) :]) != tuple(shape):
        return None
    size = (*x.shape[: x.dim() - len(shape)], *(1 for _ in shape))
    statistic = fresh(size, _statistics(x, settings[:2]))
    return empty(x.shape, x), statistic, statistic


def layer_norm_backward(gradient: Tensor, x: Tensor, shape: Sequence[int], *settings: Any) -> Several | None:
    _mean, _rstd, weight, bias, output_mask = settings
    if x.dtype != torch.float32 or not x.is_contiguous() or weight is None or bias is None:
        return None
    return masked(tuple(empty(tensor.shape, tensor) for tensor in (x, weight, bias)), output_mask)


def group_norm(x: Tensor, weight: Tensor | None, bias: Tensor | None, *settings: Any) -> Several | None:
    output = like(x)
    statistic = fresh((settings[0], settings[3]), _statistics(x, (weight, bias)))
    return None if output is None else (output, statistic, statistic)


def group_norm_backward(gradient: Tensor, x: Tensor, *settings: Any) -> Several | None:
    weight, channels, output_mask = settings[2], settings[4], settings[-1]
    slope = like(x)
    gain = empty((channels,), x if weight is None else weight)
    return None if slope is None else masked((slope, gain, gain), output_mask)
