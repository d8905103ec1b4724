"""Kernels that multiply: convolutions by their shape, matrix products, attention."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from torch import Tensor

from core.profiler.timing.kernels import KernelCall, bytes_of, log2, name_of

BLOCK = 16  # channels that a processor multiplies side by side; fewer take as long
SMALL_WINDOW = 9  # cells for which kernels of depthwise convolutions are written out
FEW = 8  # channels of a picture, not of activations


def shape_class(weight: Tensor, channels: int, stride: Any, groups: int, transposed: bool) -> str:
    """The class of shapes within which convolutions run on one kind of kernel.

    >>> import torch
    >>> shape_class(torch.empty(64, 3, 7, 7), 3, (2, 2), 1, False)
    'few channels'
    >>> shape_class(torch.empty(64, 1, 3, 3), 64, (2, 2), 64, False)
    'depthwise strided'
    """
    strided = " strided" if max(stride) > 1 else ""
    if transposed:
        return "transposed" + strided
    if groups > 1:
        wide = " wide" if math.prod(weight.shape[2:]) > SMALL_WINDOW else ""
        return (f"depthwise{wide}" if channels == groups else "grouped") + strided
    if channels <= FEW:
        return "few channels"
    return ("pointwise" if math.prod(weight.shape[2:]) == 1 else "dense") + strided


def convolution(args: tuple, output: Tensor) -> Iterator[KernelCall]:
    """aten.convolution(x, weight, bias, stride, padding, dilation, transposed, output_padding, groups)."""
    x, weight, bias, stride, _, _, transposed, _, groups = args[:9]
    yield _convolution("forward", x, output, weight, bias, stride, transposed, groups)


def convolution_backward(args: tuple, outputs: tuple) -> Iterator[KernelCall]:
    """aten.convolution_backward(gradient, x, weight, bias_sizes, stride, ..., transposed, ..., groups, output_mask)."""
    gradient, x, weight, _, stride, _, _, transposed, _, groups, mask = args[:11]
    if mask[0]:
        yield _convolution("input gradient", x, gradient, weight, None, stride, transposed, groups)
    if mask[1]:
        yield _convolution("weight gradient", x, gradient, weight, outputs[2], stride, transposed, groups)


def _convolution(
    what: str, x: Tensor, y: Tensor, weight: Tensor, bias: Any, stride: Any, transposed: bool, groups: int
) -> KernelCall:
    """One of the three products of a convolution of `x` to `y`, whichever of them is the result."""
    shape = shape_class(weight, x.shape[1], stride, groups, transposed)
    window = math.prod(weight.shape[2:])
    cells = math.prod((x if transposed else y).shape[2:])
    ins, outs = x.shape[1] // groups, y.shape[1] // groups
    macs = x.shape[0] * cells * window * ins * outs * groups
    filled = macs * _filled(ins) * _filled(outs) if groups == 1 else macs
    x_bytes, y_bytes, weight_bytes = bytes_of(x), bytes_of(y), bytes_of(weight)
    written = {"forward": y_bytes, "input gradient": x_bytes, "weight gradient": weight_bytes}[what]
    read = x_bytes + y_bytes + weight_bytes - written
    sizes = (x.shape[0], x.shape[1], y.shape[1], cells, window)
    terms: tuple[float, ...] = (1.0, float(filled), float(x_bytes), float(y_bytes), float(weight_bytes))
    if groups > 1 and not transposed:
        terms += (float(x.shape[0] * groups),)  # each group of each image by itself
    family = f"convolution {what}, {shape}"
    return KernelCall(family, name_of(weight.dtype), macs, read, written, terms, tuple(map(log2, sizes)))


def _filled(channels: int) -> float:
    """How many times its channels a kernel works on, when these fill up blocks."""
    return -(-channels // BLOCK) * BLOCK / channels


def matmul(left: int, right: int) -> Any:
    """A description of (..., n, k) times (..., k, m), the operands being these arguments."""

    def describe(args: tuple, output: Tensor) -> Iterator[KernelCall]:
        a, b = args[left], args[right]
        rows, inner = (a.shape[-2] if a.dim() > 1 else 1), a.shape[-1]
        columns = b.shape[-1] if b.dim() > 1 else 1
        yield product(a, b, output, math.prod(a.shape[:-2]), rows, inner, columns)

    return describe


def product(a: Tensor, b: Tensor, output: Tensor, count: int, rows: int, inner: int, columns: int) -> KernelCall:
    """`count` products of (rows, inner) and (inner, columns)."""
    macs = count * rows * inner * columns
    read, written = bytes_of(a) + bytes_of(b), bytes_of(output)
    terms = (1.0, float(macs), float(bytes_of(a)), float(bytes_of(b)), float(written))
    family = "matrix product" if count == 1 else "matrix products"
    sizes = tuple(map(log2, (count, rows, inner, columns)))
    return KernelCall(family, name_of(a.dtype), macs, read, written, terms, sizes)


def attention(args: tuple, outputs: Any) -> Iterator[KernelCall]:
    """Scaled dot product attention: query (B, H, L, E), key (B, H, S, E), value (B, H, S, Ev)."""
    yield _attention("attention", args[:3], outputs[0], 1)


def attention_backward(args: tuple, outputs: Any) -> Iterator[KernelCall]:
    """The same backwards: gradient, query, key, value, ...; five products where there were two."""
    yield _attention("attention gradient", args[1:4], outputs[0], 2.5)


def _attention(family: str, operands: tuple, output: Tensor, factor: float) -> KernelCall:
    query, key, value = operands
    macs = round(factor * math.prod(query.shape[:-1]) * key.shape[-2] * (query.shape[-1] + value.shape[-1]))
    read, written = sum(map(bytes_of, operands)), bytes_of(output)
    sizes = (math.prod(query.shape[:-2]), query.shape[-2], key.shape[-2], query.shape[-1])
    terms = (1.0, float(macs), float(read + written))
    return KernelCall(family, name_of(query.dtype), macs, read, written, terms, tuple(map(log2, sizes)))
