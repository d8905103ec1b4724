"""What CPU kernels hold for themselves while they run: copies in another layout, buffers, larger results.

Found by watching the allocator. A GPU's kernels take their workspace from a band that is stated apart (see
`core.profiler.fitting.devices`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from core.profiler.fake_tensor.tensor import is_channels_last
from core.profiler.memory.cpu import convolution

aten = torch.ops.aten


def workspace(func: Any, args: tuple, outputs: Any, device: str) -> int:
    """Bytes above what is live when the operation returns, at the fullest moment inside it."""
    if device != "cpu":
        return 0
    rule = CPU.get(func)
    return max(0, rule(args, outputs)) if rule is not None else mixed(func, args, outputs)


def lasting(func: Any, args: tuple) -> int:
    """Bytes by which a result's storage is larger than the result: the mean of a loss lies where its terms were."""
    return args[0].nbytes if func is aten.mse_loss.default and (len(args) < 3 or args[2] != 0) else 0


def _batch_norm_backward(args: tuple, outputs: tuple) -> int:
    """A second gradient in the layout of the input, where channels are not last."""
    return 0 if outputs[0] is None or is_channels_last(args[1]) else args[1].nbytes


def _upsampled(args: tuple, output: Tensor) -> int:
    """Input and output once more with channels last, where they are not."""
    x = args[0]
    return 0 if is_channels_last(x) or x.shape[1] < 2 else x.nbytes + output.nbytes


def _layer_norm(args: tuple, outputs: tuple) -> int:
    return 0 if args[0].is_contiguous() else args[0].nbytes


def _layer_norm_backward(args: tuple, outputs: tuple) -> int:
    return sum(tensor.nbytes for tensor in args[:2] if not tensor.is_contiguous())


def _max_pool_backward(args: tuple, outputs: Tensor) -> int:
    """Indices and result once more, where the gradient has another layout than the input."""
    gradient, x, indices = args[0], args[1], args[-1]
    return indices.nbytes + x.nbytes if is_channels_last(x) and not is_channels_last(gradient) else 0


def _mse(args: tuple, output: Tensor) -> int:
    """The terms, and these in fp32 before they are summed, where they are 16 bit."""
    return args[0].nbytes + (4 * args[0].numel() if args[0].dtype is not torch.float32 else 0)


def mixed(func: Any, args: tuple, output: Any) -> int:
    """Cell by cell on two types of float: those of the smaller type are copied into the larger first."""
    if torch.Tag.pointwise not in func.tags or not isinstance(output, Tensor):
        return 0
    tensors = [value for value in args if isinstance(value, Tensor) and value.dim()]
    if len(tensors) < 2 or len({tensor.dtype for tensor in tensors}) == 1:
        return 0
    return sum(tensor.numel() * output.element_size() for tensor in tensors if tensor.dtype != output.dtype)


CPU: dict[Any, Callable[[tuple, Any], int]] = {
    aten.convolution.default: convolution.forward,
    aten.convolution_backward.default: convolution.backward,
    aten.native_batch_norm_backward.default: _batch_norm_backward,
    aten.upsample_nearest2d.default: _upsampled,
    aten.upsample_bilinear2d.default: _upsampled,
    aten.native_layer_norm.default: _layer_norm,
    aten.native_layer_norm_backward.default: _layer_norm_backward,
    aten.max_pool2d_with_indices_backward.default: _max_pool_backward,
    aten.mse_loss.default: _mse,
    aten.mean.dim: lambda args, output: 0 if args[0].dtype is torch.float32 else 4 * args[0].numel(),
}
