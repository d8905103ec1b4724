"""Shape rules of our own for the operations that networks are made of.

PyTorch's rules for these are written in Python, are slow, and pull in its compiler (one to two seconds) at the first
call. Each rule here gives the same sizes, strides and types (a test compares them), or None where it is not sure; then
PyTorch's own rule decides, and raises the error that it would raise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from core.profiler.fake_tensor.tensor import Spec, dense, is_channels_last
from core.profiler.memory.cpu import recurrent

aten = torch.ops.aten
Several = tuple[Spec | None, ...]
HALVES = (torch.float16, torch.bfloat16)


def _fresh(size: Any, dtype: torch.dtype, channels_last: bool = False) -> Spec:
    """A fresh tensor without gaps."""
    size = tuple(size)
    return size, _last(size) if channels_last else dense(size), 0, dtype


def _empty(size: Any, like: Tensor, channels_last: bool = False) -> Spec:
    return _fresh(size, like.dtype, channels_last)


def _last(size: tuple[int, ...]) -> tuple[int, ...]:
    """Strides without gaps, channels closest together, then the last axis.

    >>> _last((2, 3, 5, 7))
    (105, 1, 21, 3)
    """
    steps = [size[1]]
    for side in reversed(size[2:]):
        steps.append(steps[-1] * side)
    return steps[-1], 1, *reversed(steps[:-1])


def _like(tensor: Tensor, dtype: torch.dtype | None = None) -> Spec | None:
    """Same size, and the same strides where these leave no gaps; None where they do."""
    size, strides = tuple(tensor.shape), tensor.stride()
    if tensor.is_contiguous():
        return size, strides, 0, dtype or tensor.dtype
    if is_channels_last(tensor):
        return _fresh(size, dtype or tensor.dtype, True)
    steps = [stride for stride, side in zip(strides, size, strict=True) if stride and side > 1]
    if 0 in strides and steps == sorted(steps, reverse=True):  # expanded along some axes
        return _fresh(size, dtype or tensor.dtype)
    return None


def _convolution(x: Tensor, weight: Tensor, bias: Tensor | None, *settings: Any) -> Spec | None:
    stride, padding, dilation, transposed, output_padding, groups = settings
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
    return _empty(size, x, is_channels_last(x) or is_channels_last(weight))


def _convolution_backward(gradient: Tensor, x: Tensor, weight: Tensor, bias_sizes: Any, *settings: Any) -> Several:
    last, output_mask = is_channels_last(x) or is_channels_last(weight), settings[-1]
    to_weight = _empty(weight.shape, weight, last and weight.dim() in (4, 5))
    return _masked((_empty(x.shape, x, last), to_weight, _empty(bias_sizes or (0,), weight)), output_mask)


def _batch_norm(x: Tensor, *settings: Any) -> Several | None:
    training = settings[4]
    output = None if x.dim() < 2 else _like(x)
    statistic = _fresh(x.shape[1:2] if training else (0,), _statistics(x, settings[:4]))
    return None if output is None else (output, statistic, statistic)


def _statistics(x: Tensor, parameters: Sequence[Tensor | None]) -> torch.dtype:
    """The type of a norm's statistics: fp32 where 16-bit cells meet parameters in fp32, else that of the cells."""
    wide = any(parameter is not None and parameter.dtype is torch.float32 for parameter in parameters)
    return torch.float32 if wide else x.dtype


def _batch_norm_backward(gradient: Tensor, x: Tensor, weight: Tensor | None, *settings: Any) -> Several | None:
    slope = _like(x)
    gain = _empty(x.shape[1:2], x if weight is None else weight)
    return None if slope is None else _masked((slope, gain, gain), settings[-1])


def _masked(specs: Several, output_mask: Sequence[bool]) -> Several:
    """Without the gradients that nobody asks for."""
    return tuple(spec if is_asked else None for spec, is_asked in zip(specs, output_mask, strict=True))


def _max_pool2d(
    x: Tensor, kernel: Any, stride: Any = (), padding: Any = (0,), dilation: Any = (1,), ceil_mode: bool = False
) -> Several | None:
    if x.dim() != 4 or min(x.shape) < 1:
        return None
    size = list(x.shape[:2])
    for axis in range(2):
        k, s, p, d = (values[axis % len(values)] for values in (kernel, stride or kernel, padding, dilation))
        cells = x.shape[2 + axis]
        side = (cells + 2 * p - d * (k - 1) - 1 + (s - 1 if ceil_mode else 0)) // s + 1
        side -= ceil_mode and (side - 1) * s >= cells + p  # the last window has to begin inside
        if side < 1 or p > k // 2:
            return None
        size.append(side)
    last = is_channels_last(x)
    return _empty(size, x, last), _fresh(size, torch.int64, last)


def _mean(x: Tensor, axes: Sequence[int], keepdim: bool = False) -> Spec | None:
    if not axes or not x.is_floating_point() or not x.is_contiguous():
        return None
    gone = {axis % x.dim() for axis in axes}
    size = [1 if axis in gone else side for axis, side in enumerate(x.shape) if keepdim or axis not in gone]
    return _empty(size, x)


def _product(left: Tensor, right: Tensor) -> Spec | None:
    """Matrices, or batches of them."""
    if left.dtype != right.dtype or left.shape[-1] != right.shape[-2] or left.shape[:-2] != right.shape[:-2]:
        return None
    return _empty((*left.shape[:-1], right.shape[-1]), left)


def _added_product(bias: Tensor, left: Tensor, right: Tensor) -> Spec | None:
    product = _product(left, right)
    return product if product is not None and tuple(bias.shape) == product[0][1:] and bias.dtype == left.dtype else None


def _binary(
    x: Tensor, target: Tensor, weight: Tensor | None = None, pos_weight: Tensor | None = None, reduction: int = 1
) -> Spec | None:
    plain = reduction == 1 and weight is None and pos_weight is None and target.shape == x.shape
    return _empty((), x) if plain else None


def _lstm(x: Tensor, *settings: Any) -> Several:
    """One layer in one direction: output, last states, and what oneDNN keeps for backward where there may be one."""
    h, c, hidden = settings[4], settings[5], settings[9]
    kept = _fresh((recurrent.kept(x, hidden),), torch.uint8) if torch.is_grad_enabled() else None
    return _empty((*x.shape[:2], hidden), x), _empty(h.shape, h), _empty(c.shape, c), kept


def _softmax(x: Tensor, axis: int, half_to_float: bool) -> Spec | None:
    return None if half_to_float else _empty(x.shape, x)


def _nll_loss(x: Tensor, target: Tensor, weight: Tensor | None, reduction: int, ignored: int) -> Several | None:
    if x.dim() != 2 or reduction == 0 or weight is not None or target.shape != x.shape[:1]:
        return None
    return _empty((), x), _empty((), x)


def pointwise(func: Any, args: tuple) -> Spec | Tensor | None:
    """Cell by cell, on floats of one size, type and layout: one more of these. In place: the first argument itself."""
    tensors = [value for value in args if isinstance(value, Tensor)]
    first = tensors[0]
    if torch.Tag.pointwise not in func.tags or func.overloadpacket in _TO_BOOL:
        return None
    if func._schema.is_mutable:
        alone = all(tensor.shape == first.shape for tensor in tensors)
        return first if alone and first is args[0] and func.overloadpacket.__name__.endswith("_") else None
    if not first.is_floating_point() or any(tensor.dtype != first.dtype for tensor in tensors):
        return None
    return _broadcast(tensors)


def _broadcast(tensors: list[Tensor]) -> Spec | None:
    """A fresh tensor of the common shape, where those that have this shape agree on the layout."""
    first = tensors[0]
    if all(tensor.shape == first.shape for tensor in tensors):
        shape = first.shape
    else:
        try:
            shape = torch.broadcast_shapes(*(tensor.shape for tensor in tensors))
        except RuntimeError:
            return None
    full = [tensor for tensor in tensors if tensor.shape == shape]
    if full and all(tensor.is_contiguous() or 0 in tensor.stride() for tensor in full):
        return _like(full[0]) if len(full) == 1 else _empty(shape, first)
    if full and all(is_channels_last(tensor) for tensor in full):
        return _like(full[0])
    return None


def _cat(tensors: Sequence[Tensor], axis: int = 0) -> Spec | None:
    first = tensors[0]
    axis %= max(1, first.dim())
    rest = {(*tensor.shape[:axis], *tensor.shape[axis + 1 :]) for tensor in tensors}
    if len(rest) > 1 or any(tensor.dtype != first.dtype for tensor in tensors):
        return None
    size = (*first.shape[:axis], sum(tensor.shape[axis] for tensor in tensors), *first.shape[axis + 1 :])
    if all(tensor.is_contiguous() for tensor in tensors):
        return _empty(size, first)
    return _empty(size, first, True) if all(is_channels_last(tensor) for tensor in tensors) else None


def _layer_norm(x: Tensor, shape: Sequence[int], *settings: Any) -> Several | None:
    if not x.is_contiguous() or tuple(x.shape[-len(shape) :]) != tuple(shape):
        return None
    size = (*x.shape[: x.dim() - len(shape)], *(1 for _ in shape))
    statistic = _fresh(size, _statistics(x, settings[:2]))
    return _empty(x.shape, x), statistic, statistic


def _layer_norm_backward(gradient: Tensor, x: Tensor, shape: Sequence[int], *settings: Any) -> Several | None:
    _mean, _rstd, weight, bias, output_mask = settings
    if x.dtype != torch.float32 or not x.is_contiguous() or weight is None or bias is None:
        return None
    return _masked(tuple(_empty(tensor.shape, tensor) for tensor in (x, weight, bias)), output_mask)


def _grouped_product(
    left: Tensor,
    right: Tensor,
    ends: Tensor | None = None,
    bias: Tensor | None = None,
    dtype: torch.dtype | None = None,
) -> Spec | None:
    """Matrices by groups, each row of the result beginning at a multiple of 16 bytes.

    PyTorch's own rule is that of a GPU and takes bfloat16 alone.
    """
    if left.dtype != right.dtype or (left.dim() == right.dim() == 3 and left.shape[0] != right.shape[0]):
        return None
    last, dtype = right.shape[-1], dtype or left.dtype
    size = [left.shape[-2], last]
    if left.dim() == right.dim():
        groups = left.shape[0] if left.dim() == 3 else ends.shape[0] if ends is not None else 0
        size = [groups, *size]
    step = 16 // dtype.itemsize
    row = -(-last // step) * step
    return tuple(size), (size[-2] * row, row, 1)[3 - len(size) :], 0, dtype


def _mse(x: Tensor, target: Tensor, reduction: int = 1) -> Spec | None:
    return _empty((), x) if reduction and x.shape == target.shape else None


def filled_like(func: Any, args: tuple, kwargs: dict) -> Spec | None:
    """zeros_like and its kin, where they keep type and layout."""
    if func not in _LIKE:
        return None
    layout, dtype = kwargs.get("memory_format"), kwargs.get("dtype") or args[0].dtype
    if layout is torch.contiguous_format:
        return _fresh(args[0].shape, dtype)
    return None if layout not in (None, torch.preserve_format) else _like(args[0], dtype)


_LIKE = {aten.ones_like.default, aten.zeros_like.default, aten.empty_like.default, aten.full_like.default}
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
    aten.sum.dim_IntList: _mean,
    aten.binary_cross_entropy_with_logits.default: _binary,
    aten.cat.default: _cat,
    aten.mkldnn_rnn_layer.default: _lstm,
    aten.native_layer_norm.default: _layer_norm,
    aten.native_layer_norm_backward.default: _layer_norm_backward,
    aten.mse_loss.default: _mse,
    **dict.fromkeys(
        (aten.mse_loss_backward.default, aten.smooth_l1_loss_backward.default, aten.huber_loss_backward.default),
        lambda gradient, x, target, *settings: _empty(x.shape, x) if target.shape == x.shape else None,
    ),
    aten._softmax.default: _softmax,
    aten._log_softmax.default: _softmax,
    aten._softmax_backward_data.default: lambda gradient, output, axis, dtype: _empty(output.shape, output),
    aten._log_softmax_backward_data.default: lambda gradient, output, axis, dtype: _empty(output.shape, output),
    aten.nll_loss_forward.default: _nll_loss,
    aten.nll_loss_backward.default: lambda gradient, x, *settings: _like(x),
    aten._grouped_mm.default: _grouped_product,
    aten.mm.default: _product,
    aten.bmm.default: _product,
    aten.addmm.default: _added_product,
}
