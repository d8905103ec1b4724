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

from core.profiler.fake_tensor import norm_rules
from core.profiler.fake_tensor.specs import Several, empty, fresh, like, masked
from core.profiler.fake_tensor.tensor import Spec, is_channels_last
from core.profiler.memory.cpu import recurrent

aten = torch.ops.aten


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
    return empty(size, x, is_channels_last(x) or is_channels_last(weight))


def _convolution_backward(gradient: Tensor, x: Tensor, weight: Tensor, bias_sizes: Any, *settings: Any) -> Several:
    last, output_mask = is_channels_last(x) or is_channels_last(weight), settings[-1]
    to_weight = empty(weight.shape, weight, last and weight.dim() in (4, 5))
    return masked((empty(x.shape, x, last), to_weight, empty(bias_sizes or (0,), weight)), output_mask)


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
    return empty(size, x, last), fresh(size, torch.int64, last)


def _mean(x: Tensor, axes: Sequence[int], keepdim: bool = False) -> Spec | None:
    if not axes or not x.is_floating_point() or not x.is_contiguous():
        return None
    gone = {axis % x.dim() for axis in axes}
    size = [1 if axis in gone else side for axis, side in enumerate(x.shape) if keepdim or axis not in gone]
    return empty(size, x)


def _product(left: Tensor, right: Tensor) -> Spec | None:
    """Matrices, or batches of them."""
    if left.dtype != right.dtype or left.shape[-1] != right.shape[-2] or left.shape[:-2] != right.shape[:-2]:
        return None
    return empty((*left.shape[:-1], right.shape[-1]), left)


def _added_product(bias: Tensor, left: Tensor, right: Tensor) -> Spec | None:
    product = _product(left, right)
    return product if product is not None and tuple(bias.shape) == product[0][1:] and bias.dtype == left.dtype else None


def _binary(
    x: Tensor, target: Tensor, weight: Tensor | None = None, pos_weight: Tensor | None = None, reduction: int = 1
) -> Spec | None:
    plain = reduction == 1 and weight is None and pos_weight is None and target.shape == x.shape
    return empty((), x) if plain else None


def _lstm(x: Tensor, *settings: Any) -> Several:
    """One layer in one direction: output, last states, and what oneDNN keeps for backward where there may be one."""
    h, c, hidden = settings[4], settings[5], settings[9]
    kept = fresh((recurrent.kept(x, hidden),), torch.uint8) if torch.is_grad_enabled() else None
    return empty((*x.shape[:2], hidden), x), empty(h.shape, h), empty(c.shape, c), kept


def _lstm_backward(x: Tensor, *settings: Any) -> Several | None:
    """Gradients of the input, of both weights, of both biases, of the first states; sums in fp32."""
    weight, recurrent_weight, h, c = settings[0], settings[1], settings[4], settings[5]
    if all(gradient is None for gradient in settings[9:12]):
        return None
    shapes = x.shape, weight.shape, recurrent_weight.shape, weight.shape[:1], weight.shape[:1], h.shape, c.shape
    return tuple(fresh(shape, torch.float32) for shape in shapes)


def _softmax(x: Tensor, axis: int, half_to_float: bool) -> Spec | None:
    return None if half_to_float else empty(x.shape, x)


def _nll_loss(x: Tensor, target: Tensor, weight: Tensor | None, reduction: int, ignored: int) -> Several | None:
    if x.dim() != 2 or reduction == 0 or weight is not None or target.shape != x.shape[:1]:
        return None
    return empty((), x), empty((), x)


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
        return like(full[0]) if len(full) == 1 else empty(shape, first)
    if full and all(is_channels_last(tensor) for tensor in full):
        return like(full[0])
    return None


def _cat(tensors: Sequence[Tensor], axis: int = 0) -> Spec | None:
    first = tensors[0]
    axis %= max(1, first.dim())
    rest = {(*tensor.shape[:axis], *tensor.shape[axis + 1 :]) for tensor in tensors}
    if len(rest) > 1 or any(tensor.dtype != first.dtype for tensor in tensors):
        return None
    size = (*first.shape[:axis], sum(tensor.shape[axis] for tensor in tensors), *first.shape[axis + 1 :])
    if all(tensor.is_contiguous() for tensor in tensors):
        return empty(size, first)
    return empty(size, first, True) if all(is_channels_last(tensor) for tensor in tensors) else None


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
    return empty((), x) if reduction and x.shape == target.shape else None


def filled_like(func: Any, args: tuple, kwargs: dict) -> Spec | None:
    """zeros_like and its kin, where they keep type and layout."""
    if func not in _LIKE:
        return None
    layout, dtype = kwargs.get("memory_format"), kwargs.get("dtype") or args[0].dtype
    if layout is torch.contiguous_format:
        return fresh(args[0].shape, dtype)
    return None if layout not in (None, torch.preserve_format) else like(args[0], dtype)


_LIKE = {aten.ones_like.default, aten.zeros_like.default, aten.empty_like.default, aten.full_like.default}
_TO_BOOL = {
    *(aten.eq, aten.ne, aten.lt, aten.le, aten.gt, aten.ge, aten.isnan, aten.isinf, aten.isfinite, aten.signbit),
    *(aten.logical_and, aten.logical_or, aten.logical_not, aten.logical_xor, aten.isposinf, aten.isneginf),
    *(aten._to_copy, aten.clone, aten.polar, aten.complex, aten.frexp),
}

RULES: dict[Any, Callable[..., Any]] = {
    aten.convolution.default: _convolution,
    aten.convolution_backward.default: _convolution_backward,
    aten.native_batch_norm.default: norm_rules.batch_norm,
    aten.native_batch_norm_backward.default: norm_rules.batch_norm_backward,
    aten.max_pool2d_with_indices.default: _max_pool2d,
    aten.max_pool2d_with_indices_backward.default: lambda gradient, x, *settings: like(x),
    aten.mean.dim: _mean,
    aten.sum.dim_IntList: _mean,
    aten.binary_cross_entropy_with_logits.default: _binary,
    aten.cat.default: _cat,
    aten.mkldnn_rnn_layer.default: _lstm,
    aten.mkldnn_rnn_layer_backward.default: _lstm_backward,
    aten.native_group_norm.default: norm_rules.group_norm,
    aten.native_group_norm_backward.default: norm_rules.group_norm_backward,
    aten.native_layer_norm.default: norm_rules.layer_norm,
    aten.native_layer_norm_backward.default: norm_rules.layer_norm_backward,
    aten.mse_loss.default: _mse,
    **dict.fromkeys(
        (aten.mse_loss_backward.default, aten.smooth_l1_loss_backward.default, aten.huber_loss_backward.default),
        lambda gradient, x, target, *settings: empty(x.shape, x) if target.shape == x.shape else None,
    ),
    aten._softmax.default: _softmax,
    aten._log_softmax.default: _softmax,
    aten._softmax_backward_data.default: lambda gradient, output, axis, dtype: empty(output.shape, output),
    aten._log_softmax_backward_data.default: lambda gradient, output, axis, dtype: empty(output.shape, output),
    aten.nll_loss_forward.default: _nll_loss,
    aten.nll_loss_backward.default: lambda gradient, x, *settings: like(x),
    aten._grouped_mm.default: _grouped_product,
    aten.mm.default: _product,
    aten.bmm.default: _product,
    aten.addmm.default: _added_product,
}
