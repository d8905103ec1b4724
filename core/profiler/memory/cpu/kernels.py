"""What CPU kernels hold for themselves while they run: copies in another layout, buffers, larger results.

Found by watching the allocator. A GPU's kernels take their workspace from a band that is stated apart (see
`core.profiler.fitting.devices`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from core.profiler.fake_tensor.tensor import is_channels_last
from core.profiler.memory.cpu import attention, convolution, recurrent, spectral

aten = torch.ops.aten


def workspace(func: Any, args: tuple, outputs: Any, device: str) -> int:
    """Bytes above what is live when the operation returns, at the fullest moment inside it."""
    if device != "cpu":
        return 0
    rule = CPU.get(func)
    return max(0, rule(args, outputs)) if rule is not None else mixed(func, args, outputs)


def lasting(func: Any, args: tuple) -> int:
    """Bytes by which a result's storage is larger than the result.

    The mean of a loss lies where its terms were, and windows that are put together where they were apart.
    """
    if func is aten.mse_loss.default:
        return args[0].nbytes if len(args) < 3 or args[2] != 0 else 0
    return max(0, args[0].nbytes - _folded(args)) if func is aten.col2im.default else 0


def _folded(args: tuple) -> int:
    """Bytes of the picture (N, C, H, W) that windows (N, C * kh * kw, positions) are put together to."""
    windows, size, kernel = args[:3]
    cells = windows.numel() // (windows.shape[-1] * windows.shape[-2]) * windows.shape[-2] // math.prod(kernel)
    return cells * math.prod(size) * windows.element_size()


def _grown(args: tuple, output: Tensor) -> int:
    """The result begins as large as the input, and is laid out anew where it turns out larger."""
    return int(args[0].nbytes) if output.nbytes > args[0].nbytes else 0


def _batch_norm_backward(args: tuple, outputs: tuple) -> int:
    """A second gradient, where input and gradient lie alike."""
    alike = is_channels_last(args[0]) == is_channels_last(args[1])
    return args[1].nbytes if outputs[0] is not None and alike else 0


def _upsampled(args: tuple, output: Tensor) -> int:
    """Input and output once more with channels last, where they are not."""
    x = args[0]
    return 0 if is_channels_last(x) or x.shape[1] < 2 else x.nbytes + output.nbytes


def _made_dense(args: tuple, outputs: Any) -> int:
    """Copies of the operands that have gaps."""
    return sum(value.nbytes for value in args[:2] if isinstance(value, Tensor) and not value.is_contiguous())


def _layer_norm_backward(args: tuple, outputs: tuple) -> int:
    """What has to lie without gaps, and a row of sums for weight and bias."""
    return _made_dense(args, outputs) + (2 * math.prod(args[2]) * args[1].element_size() if any(args[-1][1:]) else 0)


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
    if func.overloadpacket in (aten.where, aten.masked_fill):  # a choice of cells is no operand
        tensors = [tensor for tensor in tensors if tensor.dtype is not torch.bool]
    if func.overloadpacket is aten.abs and args[0].is_complex():
        return args[0].nbytes  # the sizes of complex numbers are complex at first
    if len(tensors) < 2 or len({tensor.dtype for tensor in tensors}) == 1:
        return 0
    return sum(tensor.numel() * output.element_size() for tensor in tensors if tensor.dtype != output.dtype)


def _places(args: tuple, picked: Tensor) -> int:
    """The place of each cell that a mask picks, an int64 for each axis of the mask."""
    masks = [index for index in args[1] if index is not None and index.dtype in (torch.bool, torch.uint8)]
    if len(masks) != 1 or not masks[0].numel():
        return 0
    each = max(1, args[0].numel() // masks[0].numel())  # cells that one place stands for
    return 8 * masks[0].dim() * (picked.numel() // each)


def _put(args: tuple, output: Tensor) -> int:
    """The same where cells are written; one number for all of them is filled in without their places."""
    is_filled = args[2].numel() == 1 and not any(args[3:4])
    return 0 if is_filled else _places(args, args[2])


CPU: dict[Any, Callable[[tuple, Any], int]] = {
    aten.convolution.default: convolution.forward,
    aten.convolution_backward.default: convolution.backward,
    aten.mkldnn_rnn_layer.default: recurrent.forward,
    aten.mkldnn_rnn_layer_backward.default: recurrent.backward,
    aten.native_batch_norm_backward.default: _batch_norm_backward,
    aten.upsample_nearest2d.default: _upsampled,
    aten.upsample_bilinear2d.default: _upsampled,
    aten.native_layer_norm.default: lambda args, outputs: _made_dense(args[:1], outputs),
    aten._softmax.default: _made_dense,
    aten._log_softmax.default: _made_dense,
    aten._softmax_backward_data.default: _made_dense,
    aten._log_softmax_backward_data.default: _made_dense,
    aten.native_layer_norm_backward.default: _layer_norm_backward,
    aten.max_pool2d_with_indices_backward.default: _max_pool_backward,
    aten.mse_loss.default: _mse,
    aten.index.Tensor: _places,
    aten.index_put.default: _put,
    aten.index_put_.default: _put,
    aten._index_put_impl_.default: _put,
    # how many cells were picked before each one
    aten.masked_select.default: lambda args, output: 8 * args[1].numel() + 8 - output.nbytes,
    aten._fft_r2c.default: spectral.forward,
    aten._fft_c2c.default: spectral.forward,
    aten._fft_c2r.default: spectral.to_real,
    aten._scaled_dot_product_flash_attention_for_cpu.default: attention.forward,
    aten._scaled_dot_product_flash_attention_for_cpu_backward.default: attention.backward,
    # which rows are all masked, and which cells of them
    aten._safe_softmax.default: lambda args, output: args[0].numel() + args[0].numel() // args[0].shape[args[1]] + 4,
    aten.logsumexp.default: lambda args, output: args[0].nbytes + output.nbytes,
    aten.embedding_dense_backward.default: lambda args, output: _made_dense(args[:1], output),
    # powers of the matrix, as many as one with a norm near 1 takes: how many it is depends on the values
    aten.linalg_matrix_exp.default: lambda args, output: 9 * output.nbytes,
    aten.im2col.default: _grown,
    aten.col2im.default: _grown,
    aten._upsample_nearest_exact2d.default: _upsampled,
    aten.binary_cross_entropy_with_logits.default: lambda args, output: 2 * args[0].nbytes,
    aten._euclidean_dist.default: lambda args, output: sum(x.nbytes // x.shape[-1] * (x.shape[-1] + 2) for x in args),
    aten.mean.dim: lambda args, output: 0 if args[0].dtype is torch.float32 else 4 * args[0].numel(),
}
