"""TensorFlow's functions that choose, turn and compare values: their axes are Keras's."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from core.parsing.dialects.keras.input_symbols import symbol
from core.parsing.dialects.keras.symbols import KerasTensor, KerasWeight, in_keras_order
from core.parsing.dialects.keras.tensor_functions.functions import FUNCTIONS
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, Namespace

MOST_CLASSES = 1_000_000
COMPARED = {"greater": operator.gt, "greater_equal": operator.ge, "less": operator.lt, "less_equal": operator.le,
            "equal": operator.eq, "not_equal": operator.ne}  # fmt: skip


def _axes(call: BuiltinCall, given: Any) -> list[int]:
    axes = call.evaluator.resolve_all(given, call.node)
    listed = list(axes) if isinstance(axes, (list, tuple)) else [axes]
    if not listed or not all(type(axis) is int and axis != 0 for axis in listed):
        raise call.fail("it takes one axis or several, not that of the batch.")
    return listed


def _turned(call: BuiltinCall, x: Any, axis: Any = None, **kwargs: Any) -> KerasTensor:
    """`tf.reverse(x, [1])`, `ops.flip(x, axis=1)`, `K.reverse(x, axes=1)`."""
    return in_keras_order(torch.flip, symbol(call, x), _axes(call, kwargs.get("axes", axis)), name="flip")


def _rolled(call: BuiltinCall, x: Any, shift: Any = 1, axis: Any = None, **kwargs: Any) -> KerasTensor:
    shifts = call.evaluator.resolve_all(shift, call.node)
    listed = list(shifts) if isinstance(shifts, (list, tuple)) else [shifts]
    if not all(type(one) is int for one in listed):
        raise call.fail("it takes whole numbers.")
    return in_keras_order(torch.roll, symbol(call, x), listed, _axes(call, axis), name="roll")


def _one_hot(call: BuiltinCall, x: Any, depth: Any = None, **kwargs: Any) -> KerasTensor:
    """`tf.one_hot(indices, 10)`: a new last axis."""
    count = call.evaluator.resolve(kwargs.get("num_classes", depth), call.node)
    if type(count) is not int or not 0 < count <= MOST_CLASSES or kwargs.get("axis", -1) != -1:
        raise call.fail("it takes the number of classes, and puts them into a new last axis.")
    return in_keras_order(_as_rows, symbol(call, x), count, name="one_hot")


def _as_rows(x: Tensor, count: int) -> Tensor:
    return F.one_hot(x.long(), count).to(torch.float32)


def _gathered(call: BuiltinCall, x: Any, indices: Any = None, axis: Any = None, **kwargs: Any) -> KerasTensor:
    """`tf.gather(x, [0, 2], axis=1)`: known places along one axis; or rows that numbers of the network name."""
    named = getattr(indices, "as_constant", None)
    places = named() if named is not None else call.evaluator.resolve_all(indices, call.node)
    if isinstance(places, KerasTensor):
        return _named_places(call, symbol(call, x), places, axis, kwargs.get("batch_dims", 0))
    listed = list(places) if isinstance(places, (list, tuple)) else [places]
    if not listed or not all(type(one) is int for one in listed):
        raise call.fail("it takes the places that are taken as numbers.")
    (axis,) = _axes(call, axis)[:1]
    return in_keras_order(_taken, symbol(call, x), listed, axis, isinstance(places, (list, tuple)), name="gather")


def _named_places(call: BuiltinCall, x: KerasTensor, places: KerasTensor, axis: Any, batch_dims: Any) -> KerasTensor:
    """Rows of a weight, or with `batch_dims=1` steps of each sequence, under the numbers of another value."""
    if isinstance(x, KerasWeight) and axis in (None, 0):
        return in_keras_order(_rows_named, places, x, name="gather")
    if batch_dims == 1 and axis in (None, 1) and len(places.shape) == 1 and not isinstance(places, KerasWeight):
        return in_keras_order(_steps_named, x, places, name="gather")
    raise call.fail("it takes known places, rows of a weight, or with batch_dims=1 steps of each sequence.")


def _rows_named(places: Tensor, table: Tensor) -> Tensor:
    return table[places.long()]


def _steps_named(x: Tensor, places: Tensor) -> Tensor:
    """(B, T, ...) and (B, K): the steps (B, K, ...)."""
    index = places.long().reshape(*places.shape, *[1] * (x.dim() - 2))
    return torch.gather(x, 1, index.expand(*places.shape, *x.shape[2:]))


def _taken(x: Tensor, places: list[int], axis: int, keeps: bool) -> Tensor:
    size = x.shape[axis]
    taken = x.index_select(axis, torch.tensor([place % size for place in places], device=x.device))
    return taken if keeps else taken.squeeze(axis)


def _apart(call: BuiltinCall, x: Any, num: Any = None, axis: Any = 0, **kwargs: Any) -> list[KerasTensor]:
    """`tf.unstack(x, axis=-1)`: each place along an axis."""
    (axis,) = _axes(call, axis)[:1]
    count = symbol(call, x).keras_shape()[axis]
    call.evaluator.budget.size(count, call.node)
    return [in_keras_order(_taken, x, [place], axis, False, name="unstack") for place in range(count or 0)]


def _where(call: BuiltinCall, condition: Any, x: Any = None, y: Any = None, **kwargs: Any) -> KerasTensor:
    """`tf.where(x > 0, x, 0.1 * x)`."""
    branches = [kwargs.get("x1", kwargs.get("then_expression", x)), kwargs.get("x2", kwargs.get("else_expression", y))]
    if any(one is None for one in branches):
        raise call.fail("it takes what is chosen where the condition holds, and where not.")
    return in_keras_order(_chosen, symbol(call, condition), *branches, name="where")


def _chosen(condition: Tensor, x: Any, y: Any) -> Tensor:
    return torch.where(condition.bool(), x, y)


def _swapped(call: BuiltinCall, x: Any, first: Any = None, second: Any = None, **kwargs: Any) -> KerasTensor:
    pair = [kwargs.get("axis1", first), kwargs.get("axis2", second)]
    return in_keras_order(torch.transpose, symbol(call, x), *_axes(call, pair), name="swapaxes")


def _moved(call: BuiltinCall, x: Any, source: Any = None, destination: Any = None, **kwargs: Any) -> KerasTensor:
    return in_keras_order(
        torch.movedim, symbol(call, x), _axes(call, source), _axes(call, destination), name="moveaxis"
    )


def _comparison(function: Callable[..., Any]) -> Callable[..., KerasTensor]:
    def run(call: BuiltinCall, x: Any, y: Any = None, *args: Any, **kwargs: Any) -> KerasTensor:
        return in_keras_order(function, symbol(call, x), y, name=call.name)

    return run


_RUN: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(("reverse", "flip"), _turned),
    "roll": _rolled,
    "one_hot": _one_hot,
    **dict.fromkeys(("gather", "take"), _gathered),
    "unstack": _apart,
    **dict.fromkeys(("where", "switch"), _where),
    "swapaxes": _swapped,
    "moveaxis": _moved,
    **{name: _comparison(function) for name, function in COMPARED.items()},
}
CHOOSING = {name: Builtin(name, run, needs_call=True) for name, run in _RUN.items()}
LINALG = Namespace("tf.linalg", {name: FUNCTIONS[name] for name in ("matmul", "einsum", "tensordot", "l2_normalize")})
