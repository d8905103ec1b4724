"""Which kernels an ATen operation runs: one registry, from operation to the kernels it is made of."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import torch

from core.optim.profiled import get_profiled
from core.profiler.macs import macs_of
from core.profiler.timing import products
from core.profiler.timing.kernels import KernelCall, log2, moving, name_of, tensors_of

aten = torch.ops.aten


def kernels_of(func: Any, args: tuple, outputs: Any) -> tuple[KernelCall, ...]:
    """The kernels that one call of an ATen operation runs; the tensors may be real or fake.

    None for a view; two for the backward pass of a convolution where both gradients are wanted; else one.
    """
    describe = OPERATIONS.get(func.overloadpacket)
    if describe is not None:
        return tuple(describe(args, outputs))
    if _is_view(func, outputs):
        return ()
    kernel = moving(_family(func, args, outputs), args, outputs, macs_of(func, args, outputs))
    return (kernel,) if kernel.nbytes else ()


def _is_view(func: Any, outputs: Any) -> bool:
    """Whether an operation only looks at its argument in another way."""
    aliases = [value.alias_info for value in func._schema.returns]
    return not any(True for _ in tensors_of(outputs)) or all(alias and not alias.is_write for alias in aliases)


def _family(func: Any, args: tuple, outputs: Any) -> str:
    """The family of an operation that works cell by cell, or that nothing is known of."""
    name = func.overloadpacket.__name__.rstrip("_").removesuffix("_backward")
    if name in SLOW:
        return "elementwise, transcendental"
    if name in REDUCTIONS:
        return "reduction"
    if name in RANDOM:
        return "random numbers"
    if name in FILLS:
        return "fill"
    if name in COPIES:
        return _copy_family(args, outputs)
    return "elementwise, in place" if func._schema.is_mutable else "elementwise"


def _copy_family(args: tuple, outputs: Any) -> str:
    """Copies into another type, or with the cells in another order."""
    tensors = list(tensors_of((args, outputs)))
    source, result = tensors[min(1, len(tensors) - 1) if len(tensors) > 2 else 0], tensors[-1]
    if source.dtype != result.dtype:
        return "cast"
    return "copy" if source.stride() == result.stride() else "copy, reordered"


SLOW = {
    *("exp", "expm1", "log", "log1p", "log2", "tanh", "sigmoid", "gelu", "silu", "mish", "softplus", "elu", "celu"),
    *("selu", "erf", "erfc", "erfinv", "pow", "sin", "cos", "logit", "log_sigmoid", "log_sigmoid_forward", "rsqrt"),
}
REDUCTIONS = {
    *("sum", "mean", "amax", "amin", "argmax", "argmin", "max", "min", "var", "std", "var_mean"),
    *("linalg_vector_norm", "norm", "prod"),
}
RANDOM = {"bernoulli", "native_dropout", "rand", "randn", "uniform", "normal", "rand_like", "randn_like", "randint"}
FILLS = {
    *("zeros", "ones", "full", "fill", "zero", "zeros_like", "ones_like", "full_like"),
    *("new_zeros", "new_full", "new_ones"),
}
COPIES = {"_to_copy", "copy", "clone", "contiguous"}


def _moved(family: str, inputs: slice = slice(None)) -> Callable[[tuple, Any], Iterator[KernelCall]]:
    """An operation whose time goes with its bytes, of these arguments alone."""

    def describe(args: tuple, outputs: Any) -> Iterator[KernelCall]:
        yield moving(family, args[inputs], outputs)

    return describe


def _windows(family: str) -> Callable[[tuple, Any], Iterator[KernelCall]]:
    """Pooling (x, kernel, ...): work is the cells that all windows see."""

    def describe(args: tuple, outputs: Any) -> Iterator[KernelCall]:
        kernel = args[1] if len(args[1]) > 1 else args[1] * 2
        yield moving(family, args[:1], outputs, work=next(tensors_of(outputs)).numel() * math.prod(kernel))

    return describe


def _normalized(family: str, inputs: int) -> Callable[[tuple, Any], Iterator[KernelCall]]:
    """A normalization of the first arguments: its speed depends on how many cells are averaged at once."""

    def describe(args: tuple, outputs: Any) -> Iterator[KernelCall]:
        x = args[inputs - 1]
        row = math.prod(x.shape[2:]) if x.dim() > 2 else x.shape[-1]
        yield moving(family, args[:inputs], outputs, sizes=(row,))

    return describe


def _batch_norm(args: tuple, outputs: Any) -> Iterator[KernelCall]:
    """aten.native_batch_norm(x, weight, bias, mean, var, training, ...)."""
    family = "batch norm" if args[5] else "batch norm, evaluation"
    yield moving(family, args[:1], outputs[:1], sizes=(math.prod(args[0].shape[2:]),))


def _gathered(args: tuple, output: Any) -> Iterator[KernelCall]:
    """A table of which only some rows are read."""
    yield moving("gather", (output, args[1]), output)


def _recurrent(factor: int) -> Callable[[tuple, Any], Iterator[KernelCall]]:
    """A layer over all steps: x (T, B, I) with weights (4H, I) and (4H, H); backward it multiplies twice as much."""

    def describe(args: tuple, outputs: Any) -> Iterator[KernelCall]:
        x, input_weight, hidden_weight = args[:3]
        steps, batch = x.shape[:2]
        inner = input_weight.shape[1] + hidden_weight.shape[1]
        one = products.product(x, input_weight, outputs[0], steps, batch, inner, input_weight.shape[0])
        yield from [replace(one, family="matrix products")] * factor

    return describe


def update(optimizer: str, shape: tuple[int, ...], dtype: torch.dtype) -> KernelCall:
    """One parameter's step: it reads weight, gradient and what it remembers, and writes all but the gradient."""
    parameter = math.prod(shape) * dtype.itemsize
    state = sum(get_profiled(optimizer).memory.state_of(shape, dtype.itemsize))
    read, written = 2 * parameter + state, parameter + state
    terms, sizes = (1.0, float(read), float(written)), (log2(read), log2(written))
    return KernelCall(f"update, {optimizer}", name_of(dtype), 0, read, written, terms, sizes)


OPERATIONS: dict[Any, Callable[[tuple, Any], Iterator[KernelCall]]] = {
    aten.convolution: products.convolution,
    aten.convolution_backward: products.convolution_backward,
    aten.mm: products.matmul(0, 1),
    aten.bmm: products.matmul(0, 1),
    aten.mv: products.matmul(0, 1),
    aten.dot: products.matmul(0, 1),
    aten.addmm: products.matmul(1, 2),
    aten.baddbmm: products.matmul(1, 2),
    aten.addbmm: products.matmul(1, 2),
    aten.addmv: products.matmul(1, 2),
    aten._scaled_dot_product_flash_attention_for_cpu: products.attention,
    aten._scaled_dot_product_flash_attention_for_cpu_backward: products.attention_backward,
    aten.mkldnn_rnn_layer: _recurrent(1),
    aten.mkldnn_rnn_layer_backward: _recurrent(2),
    aten.native_batch_norm: _batch_norm,
    aten.native_batch_norm_backward: _normalized("batch norm gradient", 2),
    aten.native_layer_norm: _normalized("layer norm", 1),
    aten.native_layer_norm_backward: _normalized("layer norm gradient", 2),
    aten.native_group_norm: _normalized("group norm", 1),
    aten.native_group_norm_backward: _normalized("group norm gradient", 2),
    aten._softmax: _moved("softmax", slice(1)),
    aten._log_softmax: _moved("softmax", slice(1)),
    aten._softmax_backward_data: _moved("softmax gradient", slice(2)),
    aten._log_softmax_backward_data: _moved("softmax gradient", slice(2)),
    aten.max_pool2d_with_indices: _windows("max pooling"),
    aten.max_pool2d_with_indices_backward: _moved("max pooling gradient"),
    aten.avg_pool2d: _windows("average pooling"),
    aten.avg_pool2d_backward: _moved("average pooling gradient", slice(1)),
    aten._adaptive_avg_pool2d: _moved("adaptive pooling"),
    aten._adaptive_avg_pool2d_backward: _moved("adaptive pooling gradient", slice(1)),
    aten.upsample_nearest2d: _moved("upsampling"),
    aten.upsample_bilinear2d: _moved("upsampling"),
    aten.upsample_nearest2d_backward: _moved("upsampling gradient"),
    aten.upsample_bilinear2d_backward: _moved("upsampling gradient"),
    aten.cat: _moved("cat"),
    aten.stack: _moved("cat"),
    aten.embedding: _gathered,
    aten.index_select: _gathered,
}
