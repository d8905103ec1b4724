"""Convolutions over weights that a text makes itself: `tf.nn.conv2d(x, w)`, `K.conv2d(x, w)`, `ops.conv(x, w)`.

Weights are in TensorFlow's order: height, width, channels, filters. Source: tf.nn, keras.backend, keras.ops.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch.nn.functional as F
from torch import Tensor

from core.errors import ParseError
from core.parsing.dialects.keras.input_symbols import symbol_of
from core.parsing.dialects.keras.symbols import KerasTensor, KerasWeight, applied, as_table
from core.parsing.evaluation.calls import BuiltinCall
from core.shapes import same_padding

LAST = ("NHWC", "NWC", "NDHWC", "channels_last")
CONVOLVE: tuple[Any, ...] = (F.conv1d, F.conv2d, F.conv3d)
SPREAD: tuple[Any, ...] = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)
INPUTS, WEIGHTS = ("input", "value", "inputs", "x"), ("filter", "filters", "kernel", "depthwise_kernel")


def window(value: Any, axes: int, what: str) -> tuple[int, ...]:
    """The sizes of a window along the sides of an image, of `[1, 2, 2, 1]`, `[2, 2]` or 2."""
    sizes = list(value) if isinstance(value, (list, tuple)) else [value] * axes
    sizes = sizes[1:-1] if len(sizes) == axes + 2 and sizes[0] == sizes[-1] == 1 else sizes
    if len(sizes) != axes or not all(type(n) is int and 0 < n <= 4096 for n in sizes):
        raise ParseError(f"{what} must be [1, height, width, 1], as for channels last.")
    return tuple(sizes)


def _operands(call: BuiltinCall, x: Any, kernel: Any, kwargs: dict[str, Any], axes: int) -> tuple[KerasTensor, Any]:
    """The image and the weight, given by their places or by their names. Raises: ParseError."""
    x = symbol_of(call, next((kwargs[name] for name in INPUTS if name in kwargs), x))
    kernel = as_table(next((kwargs[name] for name in WEIGHTS if name in kwargs), kernel))
    axes = axes or len(x.shape) - 1
    if not isinstance(kernel, KerasWeight) or len(kernel.shape) != axes + 2 or len(x.shape) != axes + 1:
        raise call.fail("it takes an image and a weight of shape [height, width, channels, filters].")
    if (kwargs.get("data_format") or "NHWC") not in LAST or x.channels_first:
        raise call.fail("it is read with channels last only.")
    return x, kernel


def _steps(call: BuiltinCall, strides: Any, kwargs: dict[str, Any], axes: int) -> list[tuple[int, ...]]:
    """The strides and the dilation, which may have either name."""
    dilation = kwargs.get("dilations", kwargs.get("dilation_rate", kwargs.get("rate")))
    given = call.evaluator.resolve_all([kwargs.get("stride", strides), dilation or 1], call.node)
    return [window(one, axes, what) for one, what in zip(given, ("strides", "dilations"), strict=True)]


def convolution(axes: int = 0, is_depthwise: bool = False) -> Callable[..., KerasTensor]:
    """`tf.nn.conv2d(x, W, strides=[1, 1, 1, 1], padding="SAME")`; 0 axes stand for those that the image has."""

    def run(call: BuiltinCall, x: Any = None, kernel: Any = None, strides: Any = 1, padding: Any = "VALID",
            *args: Any, **kwargs: Any) -> KerasTensor:  # fmt: skip
        x, kernel = _operands(call, x, kernel, kwargs, axes)
        stride, dilation = _steps(call, strides, kwargs, len(kernel.shape) - 2)
        is_same = str(padding).upper() == "SAME"
        if str(padding).upper() not in ("SAME", "VALID"):
            raise call.fail("its padding is 'same' or 'valid'.")
        function = _convolved_alone if is_depthwise else _convolved
        return applied(function, x, kernel, stride, dilation, is_same, name=call.name)

    return run


def dilated(call: BuiltinCall, value: Any, filters: Any, rate: Any, padding: Any, *args: Any, **kwargs: Any) -> Any:
    """`tf.nn.atrous_conv2d(value, filters, rate, padding)`."""
    return convolution(2)(call, value, filters, 1, padding, dilations=rate)


def separable(call: BuiltinCall, x: Any, depthwise: Any, pointwise: Any, strides: Any = 1, padding: Any = "VALID",
              *args: Any, **kwargs: Any) -> KerasTensor:  # fmt: skip
    """`tf.nn.separable_conv2d(x, depthwise, pointwise, strides, padding)`."""
    inner = convolution(0, is_depthwise=True)(call, x, depthwise, strides, padding, **kwargs)
    return convolution(0)(call, inner, pointwise)


def transposed(axes: int = 0, has_output_shape: bool = True) -> Callable[..., KerasTensor]:
    """`tf.nn.conv2d_transpose(x, W, output_shape, strides, padding)`, and `ops.conv_transpose(x, W, strides)`."""

    def run(call: BuiltinCall, x: Any = None, kernel: Any = None, *args: Any, **kwargs: Any) -> KerasTensor:
        names = ["output_shape", "strides", "padding"][not has_output_shape :]
        named = dict(zip(names, args, strict=False)) | kwargs
        x, kernel = _operands(call, x, kernel, kwargs, axes)
        (stride, _), ends = _steps(call, named.get("strides", 1), {}, len(kernel.shape) - 2), None
        given = named.get("output_shape")
        if given is not None:
            ends = call.evaluator.resolve_all(list(call.iterate(given)), call.node)[1:-1]
            ends = tuple(ends) if all(type(n) is int and n > 0 for n in ends) else None
        is_same = str(named.get("padding", "SAME" if has_output_shape else "VALID")).upper() == "SAME"
        return applied(_spread_out, x, kernel, stride, ends, is_same, name=call.name)

    return run


def _padded(x: Tensor, kernel: Tensor, stride: Sequence[int], dilation: Sequence[int]) -> Tensor:
    windows = zip(x.shape[2:], kernel.shape, stride, dilation, strict=False)
    return F.pad(x, [cells for one in reversed(list(windows)) for cells in same_padding(*one)])


def _convolved(x: Tensor, kernel: Tensor, stride: Sequence[int], dilation: Sequence[int], is_same: bool) -> Tensor:
    """The convolution with a kernel in TensorFlow's order: height, width, channels, filters."""
    x = _padded(x, kernel, stride, dilation) if is_same else x
    weights = kernel.movedim((-1, -2), (0, 1))
    groups = max(x.shape[1] // weights.shape[1], 1)
    return CONVOLVE[len(stride) - 1](x, weights, None, tuple(stride), 0, tuple(dilation), groups)


def _convolved_alone(
    x: Tensor, kernel: Tensor, stride: Sequence[int], dilation: Sequence[int], is_same: bool
) -> Tensor:
    """Each channel with kernels of its own: height, width, channels, kernels of each."""
    x = _padded(x, kernel, stride, dilation) if is_same else x
    weights = kernel.movedim((-2, -1), (0, 1)).flatten(0, 1).unsqueeze(1)
    return CONVOLVE[len(stride) - 1](x, weights, None, tuple(stride), 0, tuple(dilation), x.shape[1])


def _spread_out(
    x: Tensor, kernel: Tensor, stride: Sequence[int], ends: tuple[int, ...] | None, is_same: bool
) -> Tensor:
    """A transposed convolution whose kernel is height, width, filters, channels, cut or padded to `ends`."""
    weights = kernel.movedim((-1, -2), (0, 1))
    result = SPREAD[len(stride) - 1](x, weights, None, tuple(stride))
    if ends is None:
        sides = zip(x.shape[2:], stride, kernel.shape, strict=False)
        ends = tuple(n * step + (0 if is_same else max(size - step, 0)) for n, step, size in sides)
    cells: list[int] = []
    for have, want in zip(reversed(result.shape[2:]), reversed(ends), strict=True):
        before = (have - want) // 2 if have > want else 0
        cells += [-before, want - have + before]
    return F.pad(result, cells)
