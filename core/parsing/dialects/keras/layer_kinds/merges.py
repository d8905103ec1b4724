"""Keras's layers that merge branches, and the functions of the same names, on symbols."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import torch
from torch import Tensor

from core.parsing.dialects.keras.layer_kinds.attention import additive_attention, dot, dot_attention
from core.parsing.dialects.keras.layout import alike
from core.parsing.dialects.keras.symbols import KerasTensor, applied, ending, in_keras_order
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, Special


def _folded(function: Callable[..., Any]) -> Callable[..., KerasTensor]:
    def run(call: BuiltinCall, values: Sequence[KerasTensor], **settings: Any) -> KerasTensor:
        if len(values) < 2:
            raise call.fail("it merges at least two branches.")
        return reduce(lambda left, right: applied(function, left, right, name=call.name), _of_one_rank(values))

    return run


def _of_one_rank(values: Sequence[KerasTensor]) -> list[KerasTensor]:
    """Symbols with axes of length one put in behind the batch, as Keras does where one has fewer axes than another."""
    most = max(len(value.shape) for value in values)
    return [_with_rank(value, most) for value in alike(values)]


def _with_rank(value: KerasTensor, rank: int) -> KerasTensor:
    while len(value.shape) < rank:
        value = applied(torch.unsqueeze, value, 1 if value.channels_first else 2)
    return value


def _average(call: BuiltinCall, values: Sequence[KerasTensor], **settings: Any) -> KerasTensor:
    return applied(operator.truediv, _folded(operator.add)(call, values), len(values))


def _concatenate(call: BuiltinCall, values: Sequence[KerasTensor], axis: Any = -1, **settings: Any) -> KerasTensor:
    if not values:
        raise call.fail("it merges at least two branches.")
    values = alike(values)
    return applied(torch.cat, values, values[0].dim(axis), name=call.name)


MERGES: dict[str, Callable[..., KerasTensor]] = {
    "Add": _folded(operator.add),
    "Subtract": _folded(operator.sub),
    "Multiply": _folded(operator.mul),
    "Maximum": _folded(torch.maximum),
    "Minimum": _folded(torch.minimum),
    "Average": _average,
    "Concatenate": _concatenate,
    "Attention": dot_attention,
    "AdditiveAttention": additive_attention,
    "Dot": dot,
}


class MergeLayer(Special):
    """The layer that `keras.layers.add([a, b])` makes."""

    def __init__(self, kind: str, name: Any):
        self.kind, self.name = kind, name if isinstance(name, str) else kind.lower()

    def invoke(self, call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        """The same layer on other branches."""
        return MERGES[self.kind](call, list(args[0] if isinstance(args[0], (list, tuple)) else args))


def merge(kind: str, is_layer: bool = True) -> Builtin:
    """`keras.layers.add([a, b])`, which makes a layer, and `tf.add(a, b)`, which makes none."""

    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        layer = MergeLayer(kind, kwargs.get("name")) if is_layer else None
        return ending(_merged(call, args, kwargs), (*args, *kwargs.values()), layer)

    def _merged(call: BuiltinCall, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        is_listed = bool(args) and isinstance(args[0], (list, tuple))
        values = list(args[0] if is_listed else kwargs.get("values", kwargs.get("inputs", args[:2])))
        named = {k: v for k, v in kwargs.items() if k == "axis"}
        if is_listed and len(args) > 1 and kind == "Concatenate":
            named["axis"] = args[1]
        if kind == "Dot":
            return dot(call, values, *args[1:], **{k: v for k, v in kwargs.items() if k in ("axes", "normalize")})
        values = [_table(call.evaluator.resolve(value, call.node)) for value in values]
        symbols = [value for value in values if isinstance(value, KerasTensor)]
        if not symbols:
            plain: Any = {"Add": operator.add, "Subtract": operator.sub, "Multiply": operator.mul, "Maximum": max,
                          "Minimum": min}.get(kind)  # fmt: skip
            if plain is None or len(values) != 2:
                raise call.fail("it takes outputs of layers.")
            return plain(*values)
        if kind != "Concatenate" and (len(symbols) < len(values) or not is_listed):
            return reduce(lambda a, b: in_keras_order(_PLAIN[kind], a, b, name=call.name), values)
        if len(symbols) < len(values):
            raise call.fail("it merges outputs of layers, and one of these is none.")
        return MERGES[kind](call, symbols, **named)

    return Builtin(kind.lower(), run, needs_call=True)


def _table(value: Any) -> Any:
    """Known values that no layer gives, as a symbol."""
    make = getattr(value, "as_constant", None)
    made = make() if make is not None else None
    return value if made is None else made


def _larger(one: Any, other: Any) -> Tensor:
    """The larger of two values, one of which may be a number, which `torch.maximum` does not take."""
    return torch.maximum(*_both(one, other))


def _smaller(one: Any, other: Any) -> Tensor:
    return torch.minimum(*_both(one, other))


def _both(one: Any, other: Any) -> tuple[Tensor, Tensor]:
    like = one if isinstance(one, Tensor) else other
    made = [value if isinstance(value, Tensor) else like.new_full((), value) for value in (one, other)]
    return made[0], made[1]


_PLAIN = {"Add": operator.add, "Subtract": operator.sub, "Multiply": operator.mul, "Maximum": _larger,
          "Minimum": _smaller}  # fmt: skip
MERGE_FUNCTIONS = {kind.lower(): merge(kind) for kind in MERGES}
