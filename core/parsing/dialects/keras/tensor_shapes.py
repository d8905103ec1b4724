"""TensorFlow's shapes, which are tuples here: `x.shape.as_list()`, `x.shape[1].value`, `tf.TensorShape([None, 3])`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import MISSING, Builtin, Type

Sizes = tuple[int | None, ...]


def _joined(left: Sizes, right: Sequence[int | None]) -> Sizes:
    return (*left, *right)


_METHODS: dict[str, Callable[..., Any]] = {
    "as_list": lambda sizes: list(sizes),
    "num_elements": lambda sizes: None if None in sizes else math.prod(sizes),
    "is_fully_defined": lambda sizes: None not in sizes,
    "concatenate": _joined,
    "with_rank": lambda sizes, rank: sizes,
    "with_rank_at_least": lambda sizes, rank: sizes,
}


def part_of_shape(value: Any, name: str) -> Any:
    """What a shape or a size has in TensorFlow besides what Python gives it; MISSING for anything else.

    >>> part_of_shape((None, 3), "rank"), part_of_shape(3, "value"), part_of_shape("3", "value") is MISSING
    (2, 3, True)
    """
    if type(value) is int or value is None:
        return value if name == "value" else MISSING
    if not isinstance(value, tuple) or not all(one is None or type(one) is int for one in value):
        return MISSING
    if name in ("rank", "ndims"):
        return len(value)
    if name == "dims":
        return list(value)
    method = _METHODS.get(name)
    return MISSING if method is None else Builtin(name, lambda *given: method(value, *given))


def _tensor_shape(call: BuiltinCall, dims: Any = ()) -> Sizes:
    """`tf.TensorShape(dims)`."""
    return tuple(call.evaluator.resolve_all(list(call.iterate(dims)), call.node))


TENSOR_SHAPE = Type("TensorShape", (tuple,), _tensor_shape)
