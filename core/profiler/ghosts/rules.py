"""Shape rules of our own for the operations that networks are made of.

PyTorch's rules for these are written in Python, are slow, and pull in its compiler (one to two seconds) at the first
call. Each rule here gives the same sizes, strides and types (a test compares them), or None where it is not sure; then
PyTorch's own rule decides, and raises the error that it would raise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

aten = torch.ops.aten
LAST = {4: torch.channels_last, 5: torch.channels_last_3d}


def _empty(size: Any, like: Tensor, channels_last: bool = False) -> Tensor:
    layout = LAST[len(size)] if channels_last else torch.contiguous_format
    return torch.empty(size, dtype=like.dtype, device="meta", memory_format=layout)


def _like(tensor: Tensor, dtype: torch.dtype | None = None) -> Tensor | None:
    """Same size, and the same strides where these leave no gaps; None where they do."""
    if tensor.is_contiguous() or _is_last(tensor):
        return torch.empty_strided(tensor.shape, tensor.stride(), dtype=dtype or tensor.dtype, device="meta")
    return None


def _is_last(tensor: Tensor) -> bool:
    axes = tensor.dim()
    if axes not in LAST or tensor.is_contiguous():
        return False
    return tensor.is_contiguous(memory_format=LAST[axes])


def _convolution(x, weight, bias, stride, padding, dilation, transposed, output_padding, groups) -> Tensor | None:
    axes = weight.dim() - 2
    channels = weight.shape[0] if transposed else weight.shape[1] * groups
    if x.dim() != axes + 2 or axes < 1 or x.shape[1] != channels or x.dtype != weight.dtype:
        return None
    size = [x.shape[0], weight.shape[1] * groups if transposed else weight.shape[0]]
    for axis in range(axes):
        s, p, d, extra = (values[axis % len(values)] for values in (stride, padding, dilation, output_padding))
        cells, span = x.shape[2 + axis], d * (weight.shape[2 + axis] - 1)
        side = (cells - 1) * s - 2 * p + span + extra + 1 if transposed else (cells + 2 * p - span - 1) // s + 1
        if side < 1 or cells < 1:
            return None
        size.append(side)
    return _empty(size, x, _is_last(x) or _is_last(weight))


def _convolution_backward(gradient, x, weight, bias_sizes, *settings) -> tuple[Tensor | None, ...]:
    wanted = settings[-1]
    last = _is_last(x) or _is_last(weight)
    return (
        _empty(x.shape, x, last) if wanted[0] else None,
        _empty(weight.shape, weight, last and weight.dim() in LAST) if wanted[1] else None,
        torch.empty(bias_sizes, dtype=weight.dtype, device="meta") if wanted[2] else None,
    )


def _batch_norm(x, weight, bias, running_mean, running_var, training, momentum, eps) -> tuple[Tensor, ...] | None:
    if x.dim() < 2 or x.dtype in (torch.float16, torch.bfloat16):
        return None
    kept = x.shape[1] if training else 0
    statistics = [torch.empty(kept, dtype=x.dtype, device="meta") for _ in range(2)]
    output = _like(x)
    return (output is not None and (output, *statistics)) or None


def _batch_norm_backward(gradient, x, weight, mean, var, save_mean, save_inv, train, eps, wanted) -> Any:
    if x.dtype in (torch.float16, torch.bfloat16):
        return None
    channels, slope = x.shape[1], _like(x)
    if slope is None:
        return None
    gains = [torch.empty(channels, dtype=x.dtype, device="meta") if wanted[place] else None for place in (1, 2)]
    return (slope if wanted[0] else None, *gains)


def _max_pool2d(x, kernel, stride=(), padding=(0,), dilation=(1,), ceil_mode=False) -> tuple[Tensor, Tensor] | None:
    if x.dim() != 4 or ceil_mode or min(x.shape) < 1:
        return None
    size = list(x.shape[:2])
    for axis in range(2):
        k, s, p, d = (values[axis % len(values)] for values in (kernel, stride or kernel, padding, dilation))
        side = (x.shape[2 + axis] + 2 * p - d * (k - 1) - 1) // s + 1
        if side < 1 or p > k // 2:
            return None
        size.append(side)
    output = _empty(size, x, _is_last(x))
    return output, torch.empty_strided(size, output.stride(), dtype=torch.int64, device="meta")


def _mean(x, axes, keepdim=False) -> Tensor | None:
    if not axes or not x.is_floating_point() or not x.is_contiguous():
        return None
    gone = {axis % x.dim() for axis in axes}
    size = [1 if axis in gone else side for axis, side in enumerate(x.shape) if keepdim or axis not in gone]
    return _empty(size, x)


def pointwise(func: Any, args: list) -> Tensor | None:
    """Cell by cell, on floats of one size, type and layout: one more of these. In place: the first argument itself."""
    tensors = [value for value in args if isinstance(value, Tensor)]
    first = tensors[0]
    if torch.Tag.pointwise not in func.tags or func.overloadpacket in _TO_BOOL:
        return None
    if func._schema.is_mutable:
        alone = all(tensor.shape == first.shape for tensor in tensors)
        return first if alone and first is args[0] and func.overloadpacket.__name__.endswith("_") else None
    if not first.is_floating_point():
        return None
    same = all(
        tensor.shape == first.shape and tensor.dtype == first.dtype and tensor.stride() == first.stride()
        for tensor in tensors
    )
    return _like(first) if same else None


_TO_BOOL = {
    *(aten.eq, aten.ne, aten.lt, aten.le, aten.gt, aten.ge, aten.isnan, aten.isinf, aten.isfinite, aten.signbit),
    *(aten.logical_and, aten.logical_or, aten.logical_not, aten.logical_xor, aten.isposinf, aten.isneginf),
    *(aten._to_copy, aten.clone, aten.polar, aten.complex, aten.frexp),
}

RULES: dict[Any, Callable[..., Any]] = {
    aten.convolution.default: _convolution,
    aten.convolution_backward.default: _convolution_backward,
    aten.native_batch_norm.default: _batch_norm,
    aten.native_batch_norm_backward.default: _batch_norm_backward,
    aten.max_pool2d_with_indices.default: _max_pool2d,
    aten.max_pool2d_with_indices_backward.default: lambda gradient, x, *settings: _like(x),
    aten.mean.dim: _mean,
}
