"""Paddle's functions and tensor methods: PyTorch's under other names of arguments."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.parsing.arguments import signature
from core.parsing.dialects.keras.input_symbols import is_of_data
from core.parsing.dialects.keras.symbols import BATCH, KerasTensor, Record, applied, parts_of, symbols_in
from core.parsing.dialects.paddle.creation import CREATION, IGNORED, dtype_of
from core.parsing.dialects.pytorch.function_names import FUNCTIONAL, TORCH
from core.parsing.dialects.pytorch.functions import (
    checked_parts,
    checked_result,
    plain_values,
    tensor_function,
)
from core.parsing.evaluation.arrays import Sides
from core.parsing.evaluation.budget import TENSOR_STEPS
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, Unknown

RENAMED = {"axis": "dim", "x": "input", "y": "other", "perm": "dims", "start_axis": "start_dim", "stop_axis": "end_dim"}
RENAMED |= {"epsilon": "eps"}


def renamed(name: str, function: Callable[..., Any]) -> Builtin:
    """A function of PyTorch that takes Paddle's names of arguments."""

    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        named = {RENAMED.get(k, k): v for k, v in kwargs.items() if k not in IGNORED}
        named |= {"dtype": dtype_of(named["dtype"])} if "dtype" in named else {}
        if any(map(is_of_data, (*args, *named.values()))):
            return _data(call, name)
        if symbols_in((args, list(named.values()))):
            return on_symbols(call, function, name, args, named)
        values, named = plain_values(call, args, named)
        checked_parts(call, name, values, named)
        return checked_result(call, function(*values, **named))

    return Builtin(name, run, needs_call=True, pays=TENSOR_STEPS)


def own(run: Callable[..., Any]) -> Builtin:
    """A function of ours under Paddle's names of arguments; its first one is also called `input`."""
    first = next(iter(signature(run).parameters))

    def with_values(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        named = {first if k == "input" else k: v for k, v in kwargs.items() if k not in IGNORED}
        if any(map(is_of_data, (*args, *named.values()))):
            return _data(call, run.__name__.strip("_"))
        if symbols_in((args, list(named.values()))):
            return on_symbols(call, run, run.__name__.strip("_"), args, named)
        values, named = plain_values(call, args, named)
        checked_parts(call, "tensor_split" if run is _split else "", values, named)
        return checked_result(call, run(*values, **named))

    return Builtin(run.__name__.strip("_"), with_values, needs_call=True, pays=TENSOR_STEPS)


def _data(call: BuiltinCall, name: str) -> Unknown:
    return Unknown(f"what {name} gives depends on data", getattr(call.node, "lineno", 1), is_data=True)


def on_symbols(
    call: BuiltinCall, function: Callable[..., Any], name: str, args: tuple[Any, ...], named: dict[str, Any]
) -> Any:
    """The function as a step of a static graph, whose symbols have their channels first as tensors have."""
    values = [call.evaluator.resolve_all(value, call.node) for value in args]
    settings = {key: call.evaluator.resolve_all(value, call.node) for key, value in named.items()}
    with contextlib.suppress(RuntimeError, TypeError, ValueError, IndexError):  # said by `applied`
        output = function(*_meta(values), **{key: _meta(value) for key, value in settings.items()})
        if isinstance(output, (tuple, list)) and output and all(map(_is_batch, output)):
            shapes = [tuple(one.shape[1:]) for one in output]
            record = Record(function, tuple(values), settings, name)
            return parts_of(KerasTensor(shapes[0], record, channels_first=True), shapes)
        if isinstance(output, Tensor) and output.dim() == 0:  # of a whole batch, such as a loss
            return _data(call, name)
    return applied(function, *values, name=name, **settings)


def _is_batch(value: Any) -> bool:
    return isinstance(value, Tensor) and value.shape[:1] == (BATCH,)


def _meta(value: Any) -> Any:
    """Symbols, also those in lists, as tensors of their shapes without memory."""
    if isinstance(value, (list, tuple)):
        return type(value)(map(_meta, value))
    return value.meta() if isinstance(value, KerasTensor) else value


def _concat(x: Any, axis: int = 0) -> Tensor:
    return torch.cat(tuple(x), axis)


def _reshape(x: Tensor, shape: Any, *more: int) -> Tensor:
    sizes = list(shape) if isinstance(shape, (list, tuple)) else [shape, *more]
    return x.reshape([x.shape[i] if n == 0 else n for i, n in enumerate(sizes)])


def _transpose(x: Tensor, perm: Any, *more: int) -> Tensor:
    return x.permute(tuple(perm) if isinstance(perm, (list, tuple)) else (perm, *more))


def _split(x: Tensor, num_or_sections: Any, axis: int = 0) -> Any:
    if isinstance(num_or_sections, int):
        return x.tensor_split(num_or_sections, axis)
    total, sizes = x.shape[axis], list(num_or_sections)
    return x.split([total - sum(n for n in sizes if n > 0) if n == -1 else n for n in sizes], axis)


def _squeeze(x: Tensor, axis: Any = None) -> Tensor:
    return x.squeeze() if axis is None else x.squeeze(tuple(axis) if isinstance(axis, (list, tuple)) else axis)


def _unsqueeze(x: Tensor, axis: Any) -> Tensor:
    for one in axis if isinstance(axis, (list, tuple)) else [axis]:
        x = x.unsqueeze(one)
    return x


def _reduced(function: Callable[..., Tensor]) -> Builtin:
    def run(x: Tensor, axis: Any = None, keepdim: bool = False) -> Tensor:
        axes = list(range(x.dim())) if axis is None else axis
        return function(x, axes, keepdim)

    return own(run)


def _expand(x: Tensor, shape: Any, *more: int) -> Tensor:
    return x.expand(tuple(shape) if isinstance(shape, (list, tuple)) else (shape, *more))


def _tile(x: Tensor, repeat_times: Any) -> Tensor:
    return x.tile(tuple(repeat_times))


def _shape(x: Tensor) -> Sides:
    return Sides(x.shape)


def _interpolate(
    x: Tensor, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool = False, **_: Any
) -> Tensor:
    mode = mode.lower()
    smooth = {} if mode in ("nearest", "area") else {"align_corners": align_corners}
    return F.interpolate(x, size, scale_factor, mode, **smooth)


def _dropout(x: Tensor, p: float = 0.5, training: bool = True, **_: Any) -> Tensor:
    return F.dropout(x, p, training)


def _linear(x: Tensor, weight: Tensor, bias: Any = None) -> Tensor:
    return F.linear(x, weight.T, bias)


def _unfold(x: Tensor, kernel_sizes: Any, strides: Any = 1, paddings: Any = 0, dilations: Any = 1) -> Tensor:
    return F.unfold(x, kernel_sizes, dilations, paddings, strides)


def _windows(x: Tensor, axis: int, size: int, step: int) -> Tensor:
    """Windows along one axis, as a last axis of their own."""
    return x.unfold(axis, size, step)


def _hardsigmoid(x: Tensor, slope: float = 1 / 6, offset: float = 0.5) -> Tensor:
    is_usual = abs(slope - 1 / 6) < 1e-6 and offset == 0.5
    return F.hardsigmoid(x) if is_usual else (x * slope + offset).clamp(0, 1)


def _matmul(x: Tensor, y: Tensor, transpose_x: bool = False, transpose_y: bool = False) -> Tensor:
    return torch.matmul(x.mT if transpose_x else x, y.mT if transpose_y else y)


def _softmax(x: Tensor, axis: int = -1, dtype: Any = None) -> Tensor:
    return torch.softmax(x, axis)


def _log_softmax(x: Tensor, axis: int = -1, dtype: Any = None) -> Tensor:
    return torch.log_softmax(x, axis)


def _dot(x: Tensor, y: Tensor) -> Tensor:
    return (x * y).sum(-1)  # of each row


def _fold(
    x: Tensor, output_sizes: Any, kernel_sizes: Any, strides: Any = 1, paddings: Any = 0, dilations: Any = 1
) -> Tensor:
    return F.fold(x, output_sizes, kernel_sizes, dilations, paddings, strides)


def _index_select(x: Tensor, index: Tensor, axis: int = 0) -> Tensor:
    return torch.index_select(x, axis, index.flatten().long())


def _add_n(inputs: Any) -> Tensor:
    parts = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
    return sum(parts[1:], parts[0])


_SAME = {name: renamed(name, getattr(torch, name)) for name in TORCH.split() if hasattr(torch, name)}
_OWN: dict[str, Builtin] = {
    "concat": own(_concat),
    "reshape": own(_reshape),
    "transpose": own(_transpose),
    "split": own(_split),
    "chunk": renamed("chunk", torch.chunk),
    "squeeze": own(_squeeze),
    "unsqueeze": own(_unsqueeze),
    "expand": own(_expand),
    "tile": own(_tile),
    "mean": _reduced(torch.mean),
    "sum": _reduced(torch.sum),
    "max": _reduced(torch.amax),
    "min": _reduced(torch.amin),
    "shape": own(_shape),
    "add_n": own(_add_n),
    **dict.fromkeys(("index_select", "gather"), own(_index_select)),
    "matmul": own(_matmul),
    "unfold": own(_windows),
    "dot": own(_dot),
    "cast": Builtin("cast", lambda x, dtype=None: x),
}
MEMBERS: dict[str, Any] = {**_SAME, **CREATION, **_OWN}
FUNCTIONS: dict[str, Builtin] = {
    **{name: renamed(name, getattr(F, name)) for name in FUNCTIONAL.split()},
    "interpolate": own(_interpolate),
    "upsample": own(_interpolate),
    "dropout": own(_dropout),
    "softmax": own(_softmax),
    "log_softmax": own(_log_softmax),
    "linear": own(_linear),
    "unfold": own(_unfold),
    "fold": own(_fold),
    "hardsigmoid": own(_hardsigmoid),
    "swish": tensor_function("swish", F.silu),
    **{f"conv{n}d_transpose": renamed(f"conv{n}d_transpose", getattr(F, f"conv_transpose{n}d")) for n in (1, 2, 3)},
}
_METHODS = (
    "reshape",
    "transpose",
    "split",
    "squeeze",
    "unsqueeze",
    "expand",
    "tile",
    "mean",
    "sum",
    "max",
    "min",
    "cast",
    "matmul",
    "dot",
    "gather",
    "index_select",
)
TENSOR_METHODS: dict[str, Any] = {name: _OWN[name] for name in _METHODS} | {
    "flatten": renamed("flatten", torch.flatten),
    "chunk": renamed("chunk", torch.chunk),
    "shape": lambda x: Sides(x.shape),
    "numpy": Builtin("numpy", lambda x: x),
    "astype": Builtin("astype", lambda x, dtype=None: x),
    "unfold": own(_windows),
    "stop_gradient": lambda x: isinstance(x, nn.Parameter) and not x.requires_grad,
    "set_value": Builtin("set_value", lambda x, value: None),
}
