"""TensorFlow's, `keras.ops`' and the backend's functions of numbers: of each value, of two, along an axis, of windows.

Source: tf.math, keras.ops of Keras 3, keras.backend of Keras 2.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from core.parsing.dialects.keras.input_symbols import is_of_data, symbol
from core.parsing.dialects.keras.layer_kinds.merges import MERGES
from core.parsing.dialects.keras.symbols import KerasTensor, KerasWeight, in_keras_order
from core.parsing.dialects.keras.tensor_functions.as_layers import window_of
from core.parsing.dialects.keras.tensor_functions.each_value import OF_EACH
from core.parsing.dialects.keras.tensor_functions.functions import FUNCTIONS, elementwise
from core.parsing.dialects.keras.tensor_functions.orders import ascending, directed
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin

EPSILON = 1e-7  # of Keras


def _squared_difference(x: Any, y: Any) -> Any:
    return (x - y) ** 2


def _stepped(x: Tensor, middle: Any) -> Tensor:
    return torch.heaviside(x, torch.as_tensor(middle, dtype=x.dtype, device=x.device))


def _close(x: Tensor, y: Any) -> Tensor:
    return (x - y).abs() <= 1e-8 + 1e-5 * abs(y)


def _unit(x: Tensor, axis: int) -> Tensor:
    return F.normalize(x, dim=axis)


def _any(x: Tensor, axes: list[int], keep: bool) -> Tensor:
    return (x != 0).sum(axes, keepdim=keep) > 0


def _all(x: Tensor, axes: list[int], keep: bool) -> Tensor:
    return (x == 0).sum(axes, keepdim=keep) == 0


def _count(x: Tensor, axes: list[int], keep: bool) -> Tensor:
    return (x != 0).sum(axes, keepdim=keep)


def _length(x: Tensor, axes: list[int], keep: bool) -> Tensor:
    return x.square().sum(axes, keepdim=keep).sqrt()


def _length_by(x: Tensor, power: float, axes: list[int], keep: bool) -> Tensor:
    return torch.linalg.vector_norm(x, power, axes, keep)


def _middle(x: Tensor, axes: list[int], keep: bool) -> Tensor:
    """The median over some axes; of an even number of values the mean of the two in the middle."""
    for axis in sorted(axes, reverse=True):
        x = x.quantile(0.5, axis, keepdim=keep)
    return x


OF_TWO: Mapping[str, Callable[..., Any]] = {
    **dict.fromkeys(("divide", "true_divide", "divide_no_nan", "truediv"), operator.truediv),
    **dict.fromkeys(("floor_divide", "floordiv"), operator.floordiv),
    **dict.fromkeys(("mod", "floormod"), operator.mod),
    **dict.fromkeys(("atan2", "arctan2"), torch.atan2),
    "power": operator.pow,
    "multiply_no_nan": operator.mul,
    "logical_and": torch.logical_and,
    "logical_or": torch.logical_or,
    "logical_xor": torch.logical_xor,
    "logaddexp": torch.logaddexp,
    **dict.fromkeys(("realdiv", "xdivy"), operator.truediv),
    "hypot": torch.hypot,
    "scalar_mul": operator.mul,
    "squared_difference": _squared_difference,
    "xlogy": torch.xlogy,
    "fmod": torch.fmod,
    "heaviside": _stepped,
    "logaddexp2": torch.logaddexp2,
    "ldexp": torch.ldexp,
    "isclose": _close,
}
ALONG: Mapping[str, Callable[..., Tensor]] = {
    "cumsum": torch.cumsum,
    "cumprod": torch.cumprod,
    "sort": ascending,
    "argsort": torch.argsort,
    "normalize": _unit,
    "glu": F.glu,
}
REDUCED: Mapping[str, Callable[..., Tensor]] = {
    "logsumexp": torch.logsumexp,
    "any": _any,
    "all": _all,
    "count_nonzero": _count,
    "norm": _length,
    "amax": torch.amax,
    "amin": torch.amin,
    "average": torch.mean,
    "median": _middle,
    **{f"nan{name}": getattr(torch, f"nan{name}") for name in ("mean", "sum")},
}
PLACES: Mapping[str, Callable[..., Tensor]] = {"argmax": torch.argmax, "argmin": torch.argmin}


def _of_two(name: str, function: Callable[..., Tensor]) -> Builtin:
    def run(call: BuiltinCall, x: Any, y: Any, *args: Any, **kwargs: Any) -> Any:
        data = next((one for one in (x, y) if is_of_data(one)), None)
        if data is not None:
            return data
        pair = [one if isinstance(one, (int, float)) else symbol(call, one) for one in (x, y)]
        if not any(isinstance(one, KerasTensor) for one in pair):
            raise call.fail("it takes the output of a layer.")
        return in_keras_order(function, *pair, name=name)

    return Builtin(name, run, needs_call=True)


def _axis(call: BuiltinCall, x: KerasTensor, axis: Any) -> int:
    """One axis in Keras's order, not that of the batch."""
    place = call.evaluator.resolve(axis, call.node)
    rank = len(x.keras_shape())
    is_batch = type(place) is int and place % rank == 0 and not isinstance(x, KerasWeight)
    if type(place) is not int or not -rank <= place < rank or is_batch:
        raise call.fail("it takes one axis, not that of the batch.")
    return place


def _along(name: str, function: Callable[..., Tensor]) -> Builtin:
    usual = 0 if name.startswith("cum") else -1

    def run(call: BuiltinCall, x: Any, axis: Any = usual, *args: Any, **kwargs: Any) -> Any:
        x = symbol(call, x)
        place = _axis(call, x, axis)
        changed = directed(name, kwargs)
        return in_keras_order(function if changed is None else changed, x, place, name=name)

    return Builtin(name, run, needs_call=True)


def _place(name: str, function: Callable[..., Tensor]) -> Builtin:
    def run(call: BuiltinCall, x: Any, axis: Any = None, *args: Any, **kwargs: Any) -> Any:
        if is_of_data(x):
            return x
        x = symbol(call, x)
        place = _axis(call, x, kwargs.get("dimension", 0 if axis is None else axis))
        return in_keras_order(function, x, place, bool(kwargs.get("keepdims")), name=name)

    return Builtin(name, run, needs_call=True)


def _reduction(name: str, function: Callable[..., Tensor]) -> Builtin:
    def run(call: BuiltinCall, x: Any, *args: Any, **kwargs: Any) -> Any:
        if is_of_data(x):
            return x
        x = symbol(call, x)
        given = kwargs.get("axis", args[-1] if args and name != "norm" else args[1] if len(args) > 1 else None)
        rank = len(x.keras_shape())
        axes = list(range(1, rank)) if given is None else list(given) if isinstance(given, (list, tuple)) else [given]
        keep = bool(kwargs.get("keepdims") or kwargs.get("keep_dims"))
        power = kwargs.get("ord", args[0] if args and name == "norm" else None)
        if name == "norm" and type(power) in (int, float):
            return in_keras_order(_length_by, x, power, [_axis(call, x, one) for one in axes], keep, name=name)
        return in_keras_order(function, x, [_axis(call, x, one) for one in axes], keep, name=name)

    return Builtin(name, run, needs_call=True)


def _largest(call: BuiltinCall, x: Any, k: Any = 1, *args: Any, **kwargs: Any) -> Any:
    """`tf.math.top_k(x, k=3)`: the largest values of the last axis, and their places, as `.values` and `.indices`."""
    x, count = symbol(call, x), call.evaluator.resolve(k, call.node)
    if type(count) is not int or not 1 <= count <= (x.keras_shape()[-1] or 0):
        raise call.fail("k is at most the size of the last axis.")
    parts = tuple(in_keras_order(_top, x, count, part, name="top_k") for part in (0, 1))
    return torch.return_types.topk(parts)  # type: ignore[arg-type]


def _top(x: Tensor, count: int, part: int) -> Tensor:
    return torch.topk(x, count, -1)[part]


def _moments(call: BuiltinCall, x: Any, axes: Any, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
    """`tf.nn.moments(x, axes=[1, 2])`: the mean and the variance."""
    keep = {"keepdims": bool(kwargs.get("keepdims") or kwargs.get("keep_dims"))}
    return call.call(FUNCTIONS["reduce_mean"], x, axes, **keep), call.call(
        FUNCTIONS["reduce_variance"], x, axes, **keep
    )


def _normalized(
    call: BuiltinCall, x: Any, order: Any = "euclidean", axis: Any = None, **kwargs: Any
) -> tuple[Any, Any]:
    """`tf.linalg.normalize(x, axis=-1)`: unit vectors and their lengths."""
    return call.call(NUMERIC["normalize"], x, axis), call.call(NUMERIC["norm"], x, axis=axis, keepdims=True)


def _sum_of_all(call: BuiltinCall, inputs: Any, *args: Any, **kwargs: Any) -> Any:
    """`tf.add_n([x, y, z])`."""
    return MERGES["Add"](call, [symbol(call, one) for one in call.iterate(inputs)])


def _cut(call: BuiltinCall, x: Any, begin: Any, size: Any, *args: Any, **kwargs: Any) -> KerasTensor:
    """`tf.slice(x, [0, 2, 0], [-1, 4, -1])`: so many places of each axis."""
    starts, sizes = (call.evaluator.resolve_all(list(call.iterate(one)), call.node) for one in (begin, size))
    if len(starts) != len(symbol(call, x).keras_shape()) or len(sizes) != len(starts) or starts[0] != 0:
        raise call.fail("it takes where each axis begins and how many places follow, all images of a batch.")
    ends = [None if n == -1 else start + n for start, n in zip(starts[1:], sizes[1:], strict=True)]
    return x.item(call.evaluator, (slice(None), *map(slice, starts[1:], ends)), call.node)


def _same(call: BuiltinCall, x: Any, *args: Any, **kwargs: Any) -> Any:
    """What gives back what it is given."""
    return x


def _both_signs(x: Tensor) -> Tensor:
    return torch.cat([F.relu(x), F.relu(-x)], -1)


def _nothing(call: BuiltinCall, *args: Any, **kwargs: Any) -> None:
    """A check or a print, which gives nothing."""


_OWN: Mapping[str, Callable[..., Any]] = {
    "top_k": _largest,
    "moments": _moments,
    **dict.fromkeys(("add_n", "accumulate_n"), _sum_of_all),
    "slice": _cut,
    **dict.fromkeys(("ensure_shape", "nan_check", "saturate_cast"), _same),
    "max_pool": window_of("Max"),
    "average_pool": window_of("Average"),
    "ndim": lambda call, x: len(symbol(call, x).keras_shape()),
    "epsilon": lambda call: EPSILON,
    "floatx": lambda call: "float32",
}
NUMERIC: dict[str, Builtin] = {
    **{name: elementwise(name, function, in_keras_order) for name, function in OF_EACH.items()},
    "crelu": elementwise("crelu", _both_signs, in_keras_order),
    **{name: _of_two(name, function) for name, function in OF_TWO.items()},
    **{name: _along(name, function) for name, function in ALONG.items()},
    **{name: _place(name, function) for name, function in PLACES.items()},
    **{name: _reduction(name, function) for name, function in REDUCED.items()},
    **{f"reduce_{name}": _reduction(name, function) for name, function in REDUCED.items()},
    "reduce_euclidean_norm": _reduction("reduce_euclidean_norm", REDUCED["norm"]),
    **{name: Builtin(name, run, needs_call=True) for name, run in _OWN.items()},
}
LINALG_NUMERIC = {
    "norm": NUMERIC["norm"],
    "normalize": Builtin("normalize", _normalized, needs_call=True),
}
_CHECKED = "equal greater greater_equal less less_equal non_negative positive rank shapes none_equal near type"
CHECKS = {f"assert_{name}": Builtin(f"assert_{name}", _nothing, needs_call=True) for name in _CHECKED.split()}
CHECKS |= {name: Builtin(name, _same, needs_call=True) for name in ("check_numerics", "enable_check_numerics")}
