"""What CPU kernels hold for themselves while they run: copies in another layout, buffers, larger results.

Found by watching the allocator. Convolutions on (N, C, H, W) tensors run on oneDNN, which copies input, weight and
output into blocks of 8 or 16 channels and back. Its scratchpads, which depend on threads and are small, are left out.
A GPU's kernels take their workspace from a band that is stated apart (see `core.profiler.fitting.devices`).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from core.profiler.ghosts.layout import is_channels_last

aten = torch.ops.aten


def workspace(func: Any, args: tuple, outputs: Any, device: str) -> int:
    """Bytes above what is live when the operation returns, at the fullest moment inside it."""
    if device != "cpu":
        return 0
    rule = CPU.get(func)
    return max(0, rule(args, outputs)) if rule is not None else mixed(func, args, outputs)


def lasting(func: Any, args: tuple) -> int:
    """Bytes by which a result's storage is larger than the result: the mean of a loss lies where its terms were."""
    return _bytes(args[0]) if func is aten.mse_loss.default and (len(args) < 3 or args[2] != 0) else 0


@functools.cache
def channel_block() -> int:
    """Channels that oneDNN puts side by side on this machine."""
    return 16 if "AVX512" in torch.backends.cpu.get_cpu_capability() else 8


def _bytes(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()


def _rounded(channels: int) -> int:
    return -(-channels // channel_block()) * channel_block()


def _blocked(tensor: Tensor) -> int:
    """Bytes of an activation (N, C, ...) with its channels filled up to whole blocks."""
    return _bytes(tensor) // tensor.shape[1] * _rounded(tensor.shape[1])


def _blocked_weight(weight: Tensor, groups: int) -> int:
    """Bytes of a weight (O, C / groups, ...) with both filled up; depthwise ones are blocked over the groups."""
    out, channels = weight.shape[0], weight.shape[1]
    cells = math.prod(weight.shape[2:]) * weight.element_size()
    if groups > 1:
        return _rounded(out) * channels * cells
    return _rounded(out) * (channels if channels < channel_block() else _rounded(channels)) * cells


def _columns(x: Tensor, weight: Tensor, places: int) -> int:
    """The unfolded input of a convolution that is done as one matrix product, for the whole batch."""
    kernel = math.prod(weight.shape[2:])
    return 0 if kernel == 1 else x.shape[0] * x.shape[1] * kernel * places * x.element_size()


def _runs_on_onednn(x: Tensor, weight: Tensor, stride: Any, dilation: Any, groups: int) -> bool:
    """PyTorch's choice for CPU tensors (`use_mkldnn` in ATen's Convolution.cpp); 16-bit ones always do."""
    if not torch.backends.mkldnn.enabled or not torch.backends.mkldnn.is_available():
        return False
    if x.dtype is not torch.float32:
        return x.dtype in (torch.bfloat16, torch.float16)
    if {*weight.shape[2:], *stride, *dilation} == {1} and x.shape[0] < 16 and torch.get_num_threads() == 1:
        return False
    large_kernel = min(weight.shape[-2:]) > 3
    return groups > 1 or large_kernel or x.shape[0] > 1 or math.prod(x.shape) > 20_480


def _convolution(args: tuple, y: Tensor) -> int:
    x, weight, bias, stride, _, dilation, transposed, _, groups = args
    if not _runs_on_onednn(x, weight, stride, dilation, groups):
        return _columns(x, weight, math.prod((x if transposed else y).shape[2:]))
    if is_channels_last(x) or is_channels_last(weight):
        return _blocked_weight(weight, groups) + _mended(x) + _mended(weight)
    first = x.shape[1] < channel_block() and groups == 1 and not transposed
    inside = (0 if first else _blocked(x)) + _blocked_weight(weight, groups) + _blocked(y)
    after = _blocked(y) + (2 if transposed and bias is not None else 1) * _bytes(y)
    return max(inside, after) - _bytes(y)


def _convolution_backward(args: tuple, outputs: tuple) -> int:
    gradient, x, weight, _, stride, _, dilation, transposed, _, groups, wanted = args
    if not _runs_on_onednn(x, weight, stride, dilation, groups):
        return _columns(x, weight, math.prod((x if transposed else gradient).shape[2:]))
    blocked_weight = _blocked_weight(weight, groups)
    if is_channels_last(x) or is_channels_last(weight):
        copies = sum(_mended(tensor) for tensor in (gradient, x, weight))
        return max(2 * blocked_weight, blocked_weight + _accumulator(weight, groups)) + copies + _wide(weight, groups)
    first = x.shape[1] < channel_block() and groups == 1 and not transposed
    to_input = _bytes(x) if wanted[0] else 0
    phases = []
    if wanted[0]:
        phases = [_blocked(gradient) + blocked_weight + _blocked(x), _blocked(x) + to_input]
    if wanted[1]:
        copies = _blocked(gradient) + (0 if first else _blocked(x)) + blocked_weight
        phases += [to_input + copies + _accumulator(weight, groups), to_input + blocked_weight + _bytes(weight)]
    return max(phases, default=0) - sum(_bytes(output) for output in outputs if output is not None)


def _mended(tensor: Tensor) -> int:
    """A copy with channels last of a tensor that has them second, where its neighbours have them last."""
    return 0 if is_channels_last(tensor) or min(tensor.shape[1:]) == 1 else _bytes(tensor)


def _accumulator(weight: Tensor, groups: int) -> int:
    """16-bit weight gradients are summed in fp32."""
    return 4 * weight.numel() if weight.dtype is not torch.float32 and groups == 1 else 0


def _wide(weight: Tensor, groups: int) -> int:
    """Gradients of large depthwise kernels with channels last go through blocks of 16 x 16, mostly empty."""
    depthwise = groups > 1 and weight.shape[1] == 1 and weight.shape[0] == groups
    if not depthwise or max(weight.shape[2:]) <= 3:
        return 0
    sums = 0 if weight.dtype is torch.float32 else 4
    return channel_block() ** 2 * weight.numel() * (weight.element_size() + sums)


def _batch_norm_backward(args: tuple, outputs: tuple) -> int:
    """A second gradient in the layout of the input, where channels are not last."""
    return 0 if outputs[0] is None or is_channels_last(args[1]) else _bytes(args[1])


def _upsampled(args: tuple, output: Tensor) -> int:
    """Input and output once more with channels last, where they are not."""
    x = args[0]
    return 0 if is_channels_last(x) or x.shape[1] < 2 else _bytes(x) + _bytes(output)


def _layer_norm(args: tuple, outputs: tuple) -> int:
    return 0 if args[0].is_contiguous() else _bytes(args[0])


def _layer_norm_backward(args: tuple, outputs: tuple) -> int:
    return sum(_bytes(tensor) for tensor in args[:2] if not tensor.is_contiguous())


def _max_pool_backward(args: tuple, outputs: Tensor) -> int:
    """Indices and result once more, where the gradient has another layout than the input."""
    gradient, x, indices = args[0], args[1], args[-1]
    return _bytes(indices) + _bytes(x) if is_channels_last(x) and not is_channels_last(gradient) else 0


def _mse(args: tuple, output: Tensor) -> int:
    """The terms, and these in fp32 before they are summed, where they are 16 bit."""
    return _bytes(args[0]) + (4 * args[0].numel() if args[0].dtype is not torch.float32 else 0)


def mixed(func: Any, args: tuple, output: Any) -> int:
    """Cell by cell on two types of float: those of the smaller type are copied into the larger first."""
    if torch.Tag.pointwise not in func.tags or not isinstance(output, Tensor):
        return 0
    given = [value for value in args if isinstance(value, Tensor) and value.dim()]
    if len(given) < 2 or len({tensor.dtype for tensor in given}) == 1:
        return 0
    return sum(tensor.numel() * output.element_size() for tensor in given if tensor.dtype != output.dtype)


CPU: dict[Any, Callable[[tuple, Any], int]] = {
    aten.convolution.default: _convolution,
    aten.convolution_backward.default: _convolution_backward,
    aten.native_batch_norm_backward.default: _batch_norm_backward,
    aten.upsample_nearest2d.default: _upsampled,
    aten.upsample_bilinear2d.default: _upsampled,
    aten.native_layer_norm.default: _layer_norm,
    aten.native_layer_norm_backward.default: _layer_norm_backward,
    aten.max_pool2d_with_indices_backward.default: _max_pool_backward,
    aten.mse_loss.default: _mse,
    aten.mean.dim: lambda args, output: 0 if args[0].dtype is torch.float32 else 4 * args[0].numel(),
}
