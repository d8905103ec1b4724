"""Keras's layers that merge branches, and TensorFlow's functions on tensors, on symbols."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import torch
import torch.nn.functional as F

from core.errors import ParseError
from core.parsing.dialects.keras.symbols import KerasTensor, applied, to_first
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin


def _folded(function: Callable[..., Any]) -> Callable[..., KerasTensor]:
    def merge(call: BuiltinCall, values: Sequence[KerasTensor], **settings: Any) -> KerasTensor:
        if len(values) < 2:
            raise call.fail("it merges at least two branches.")
        return reduce(lambda left, right: applied(function, left, right, name=call.name), values)

    return merge


def _average(call: BuiltinCall, values: Sequence[KerasTensor], **settings: Any) -> KerasTensor:
    return applied(operator.truediv, _folded(operator.add)(call, values), len(values))


def _concatenate(call: BuiltinCall, values: Sequence[KerasTensor], axis: Any = -1, **settings: Any) -> KerasTensor:
    if not values:
        raise call.fail("it merges at least two branches.")
    return applied(torch.cat, list(values), values[0].dim(axis), name=call.name)


MERGES: dict[str, Callable[..., KerasTensor]] = {
    "Add": _folded(operator.add),
    "Subtract": _folded(operator.sub),
    "Multiply": _folded(operator.mul),
    "Maximum": _folded(torch.maximum),
    "Minimum": _folded(torch.minimum),
    "Average": _average,
    "Concatenate": _concatenate,
}


def _merge(kind: str) -> Builtin:
    """`keras.layers.add([a, b])` and `tf.add(a, b)`."""

    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        values = (
            args[0] if args and isinstance(args[0], (list, tuple)) else kwargs.get("values", kwargs.get("inputs", args))
        )
        named = {k: v for k, v in kwargs.items() if k == "axis"}
        if isinstance(args[0] if args else None, (list, tuple)) and len(args) > 1 and kind == "Concatenate":
            named["axis"] = args[1]
        symbols = [value for value in values if isinstance(value, KerasTensor)]
        if not symbols:
            plain = {"Add": operator.add, "Subtract": operator.sub, "Multiply": operator.mul}.get(kind)
            if plain is None or len(values) != 2:
                raise call.fail("it takes outputs of layers.")
            return plain(*values)
        if len(symbols) < len(values):
            return reduce(lambda a, b: applied(_PLAIN[kind], a, b, name=call.name), values)
        return MERGES[kind](call, symbols, **named)

    return Builtin(kind.lower(), run, needs_call=True)


_PLAIN = {"Add": operator.add, "Subtract": operator.sub, "Multiply": operator.mul, "Maximum": torch.maximum,
          "Minimum": torch.minimum}  # fmt: skip
MERGE_FUNCTIONS = {kind.lower(): _merge(kind) for kind in MERGES}


def _elementwise(name: str, function: Callable[..., Any]) -> Builtin:
    def run(call: BuiltinCall, x: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(x, KerasTensor):
            raise call.fail("it takes the output of a layer.")
        return applied(function, x, name=name)

    return Builtin(name, run, needs_call=True)


def _softmax(call: BuiltinCall, x: KerasTensor, axis: int = -1, **kwargs: Any) -> KerasTensor:
    return applied(torch.softmax, x, x.dim(axis))


def _reduced(function: Callable[..., Any]) -> Callable[..., KerasTensor]:
    def run(call: BuiltinCall, x: KerasTensor, axis: Any = None, keepdims: bool = False, **kwargs: Any) -> KerasTensor:
        axes = list(range(1, len(x.shape) + 1)) if axis is None else axis
        dims = [x.dim(a) for a in (axes if isinstance(axes, (list, tuple)) else [axes])]
        return applied(function, x, dims, bool(keepdims or kwargs.get("keep_dims")))

    return run


def _reshape(call: BuiltinCall, x: KerasTensor, shape: Any, *args: Any) -> KerasTensor:
    sizes = list(call.evaluator.resolve_all(list(shape), call.node))
    if len(x.shape) > 1 or len(sizes) > 2:
        if len(sizes) == 2:
            return applied(torch.flatten, x, 1)
        target = list(to_first(list(sizes[1:])))
        return applied(torch.Tensor.reshape, x, [x.meta().shape[0], *target])
    return x


def _expand(call: BuiltinCall, x: KerasTensor, axis: int) -> KerasTensor:
    if len(x.shape) == 1 and axis in (1, -2, 2, -1):
        return applied(torch.unsqueeze, x, 2 if axis in (1, -2) else 1)
    raise call.fail("a new axis can be added to vectors only.")


def _identity(call: BuiltinCall, x: Any, *args: Any, **kwargs: Any) -> Any:
    return x


def _resize(call: BuiltinCall, x: KerasTensor, size: Any, *args: Any, **kwargs: Any) -> KerasTensor:
    sizes = call.evaluator.resolve_all(list(size), call.node)
    if len(x.shape) != 3 or not all(type(n) is int and 0 < n <= 8192 for n in sizes):
        raise ParseError("resize takes maps and two sizes.")
    return applied(F.interpolate, x, sizes)


ELEMENTWISE: dict[str, Callable[..., Any]] = {
    "relu": F.relu, "relu6": F.relu6, "sigmoid": torch.sigmoid, "tanh": torch.tanh, "elu": F.elu, "selu": F.selu,
    "gelu": F.gelu, "silu": F.silu, "swish": F.silu, "softplus": F.softplus, "softsign": F.softsign, "abs": torch.abs,
    "exp": torch.exp, "sqrt": torch.sqrt, "square": torch.square, "log": torch.log, "sin": torch.sin, "cos": torch.cos,
    "leaky_relu": F.leaky_relu, "hard_sigmoid": F.hardsigmoid, "mish": F.mish, "round": torch.round, "sign": torch.sign,
    "log_softmax": lambda x: F.log_softmax(x, 1), "linear": torch.clone, "negative": torch.neg,
    "hard_silu": F.hardswish,
}  # fmt: skip
REDUCED: Mapping[str, Callable[..., Any]] = {"mean": torch.mean, "sum": torch.sum, "max": torch.amax, "min": torch.amin}
OTHERS: Mapping[str, Callable[..., Any]] = {
    "softmax": _softmax, "reshape": _reshape, "expand_dims": _expand, "identity": _identity, "cast": _identity,
    "stop_gradient": _identity, "convert_to_tensor": _identity, "dropout": _identity,
    "l2_normalize": _identity,
}  # fmt: skip
FUNCTIONS: dict[str, Builtin] = {
    **{name: _elementwise(name, function) for name, function in ELEMENTWISE.items()},
    **{f"reduce_{name}": Builtin(name, _reduced(f), needs_call=True) for name, f in REDUCED.items()},
    **{name: Builtin(name, run, needs_call=True) for name, run in OTHERS.items()},
    "mean": Builtin("mean", _reduced(torch.mean), needs_call=True),
    "concat": _merge("Concatenate"),
    **{name: _merge(name.capitalize()) for name in ("add", "subtract", "multiply", "maximum", "minimum")},
}  # fmt: skip
RESIZE = Builtin("resize", _resize, needs_call=True)
