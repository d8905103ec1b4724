"""Functions of TensorFlow and of Keras's backend on symbols: each is PyTorch's, with the axes counted as Keras does."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from core.parsing.dialects.keras.input_symbols import is_of_data, symbol
from core.parsing.dialects.keras.layer_kinds.merges import MERGES, merge
from core.parsing.dialects.keras.rows import regrouped
from core.parsing.dialects.keras.shaped_data import ShapedData, listed
from core.parsing.dialects.keras.symbols import (
    KerasTensor,
    KerasWeight,
    applied,
    in_keras_order,
)
from core.parsing.dialects.keras.tensor_functions.activations import leaky, with_settings
from core.parsing.dialects.keras.tensor_functions.copies import broadcast, repeated, tiled
from core.parsing.dialects.keras.tensor_functions.first_arguments import with_first_names
from core.parsing.dialects.keras.tensor_functions.padding import padded
from core.parsing.dialects.keras.tensor_functions.positions import RANGE, Positions, expanded
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, Unknown


def elementwise(name: str, function: Callable[..., Any], apply: Callable[..., KerasTensor] = applied) -> Builtin:
    """A function of each value: of a number, of data, or of a symbol, to which `apply` brings it."""

    def run(call: BuiltinCall, x: Any, *args: Any, **kwargs: Any) -> Any:
        if is_of_data(x):
            return x
        if isinstance(x, (int, float)):
            return function(torch.tensor(float(x))).item()
        result = with_settings(call, name, x, args, kwargs)
        return apply(function, symbol(call, x), name=name) if result is None else result

    return Builtin(name, run, needs_call=True)


def _softmax(call: BuiltinCall, x: Any, axis: Any = -1, *args: Any, **kwargs: Any) -> KerasTensor:
    """Along one axis, or over several together."""
    axes = call.evaluator.resolve_all(axis, call.node)
    if not isinstance(axes, (list, tuple)):
        return applied(torch.softmax, symbol(call, x), x.dim(-1 if axes is None else axes))
    return in_keras_order(_softmax_over, symbol(call, x), list(axes), name="softmax")


def _softmax_over(x: Tensor, axes: list[int]) -> Tensor:
    powers = torch.exp(x - x.amax(axes, keepdim=True))
    return powers / powers.sum(axes, keepdim=True)


def _reduced(function: Callable[..., Any]) -> Callable[..., Any]:
    def run(call: BuiltinCall, x: Any, axis: Any = None, keepdims: bool = False, **kwargs: Any) -> Any:
        if is_of_data(x):
            return x
        if isinstance(x, (list, tuple)) and axis is None and all(type(one) in (int, float) for one in x):
            return _of_numbers(function, x)
        rank = len(symbol(call, x).keras_shape())
        if axis is None and rank == 1 and not isinstance(x, KerasWeight):  # over the images of a batch: a measure
            return Unknown(f"what {call.name} gives depends on data", getattr(call.node, "lineno", 1), is_data=True)
        axes = list(range(1, rank)) if axis is None else axis
        dims = [a % rank for a in (axes if isinstance(axes, (list, tuple)) else [axes])]
        keep = bool(keepdims or kwargs.get("keep_dims"))
        if keep or isinstance(x, KerasWeight) or rank - len(dims) < 3:  # no two axes are left to be in an order
            return applied(function, x, [x.dim(a) for a in dims], keep)
        return in_keras_order(function, x, dims, keep)

    return run


def _of_numbers(function: Callable[..., Any], numbers: Sequence[float]) -> float:
    """`tf.reduce_prod(shape)`: one number, whole where those are that it is computed from."""
    result = function(torch.tensor(numbers, dtype=torch.float64), [0], False).item()
    return int(result) if all(type(one) is int for one in numbers) else result


def _reshape(call: BuiltinCall, x: Any, shape: Any = None, *args: Any, **kwargs: Any) -> KerasTensor:
    given = kwargs.get("newshape", shape)
    sizes = list(call.evaluator.resolve_all(list(given), call.node))
    if isinstance(symbol(call, x), KerasWeight):
        return applied(torch.reshape, x, sizes)
    first, *sizes = [-1 if n is None else n for n in sizes]
    rows = _rows(x, first, sizes)
    if rows is not None:
        return regrouped(x, sizes, rows)
    if sizes in ([-1], [math.prod(x.shape)]):
        return x if len(x.shape) == 1 else in_keras_order(torch.flatten, x, 1)
    refuse_other_total(call, x, sizes)
    return in_keras_order(_reshaped, x, tuple(sizes))


def _rows(x: KerasTensor, first: Any, sizes: list[Any]) -> int | None:
    """How many rows each image becomes where a text takes an axis into the batch, or out of it; None if it does not."""
    if first != -1 or not sizes or not all(type(n) is int and n > 0 for n in sizes):
        return None
    whole, part = x.rows * math.prod(x.shape), math.prod(sizes)
    return None if whole % part or whole // part == x.rows else whole // part


def refuse_other_total(call: BuiltinCall, x: KerasTensor, sizes: list[Any]) -> None:
    """Refuses sizes that hold more or fewer values than one image has. Raises: ParseError."""
    total, known = math.prod(x.shape), math.prod(n for n in sizes if type(n) is int and n != -1)
    if known and (total % known if -1 in sizes else total != known):
        wanted = "×".join(str(n) for n in sizes)
        raise call.fail(f"{total:,} values of each image become {wanted} here, which mixes the images of a batch.")


def _reshaped(x: Tensor, sizes: tuple[int, ...]) -> Tensor:
    """All axes but the batch in other sizes; one of them may be -1."""
    return torch.unflatten(torch.flatten(x, 1), 1, sizes) if len(sizes) > 1 else torch.flatten(x, 1)


def _expand(call: BuiltinCall, x: Any, axis: int = -1, **kwargs: Any) -> Any:
    if isinstance(x, Positions):
        return expanded(x, axis)
    if x is None or isinstance(x, int):  # the size of a batch, on the way to the counts of `tf.tile`
        return [x]
    result = symbol(call, x)
    axes = list(axis) if isinstance(axis, (list, tuple)) else [axis]
    rank = len(result.keras_shape()) + len(axes)
    for one in sorted(place % rank if type(place) is int and len(axes) > 1 else place for place in axes):
        result = in_keras_order(torch.unsqueeze, result, one)
    return result


def _squeeze(call: BuiltinCall, x: Any, axis: Any = -1, **kwargs: Any) -> KerasTensor:
    return in_keras_order(torch.squeeze, symbol(call, x), tuple(axis) if isinstance(axis, list) else axis)


def _transposed(call: BuiltinCall, x: Any, perm: Any = None, **kwargs: Any) -> KerasTensor:
    order = kwargs.get("pattern", kwargs.get("axes", perm))
    rank = len(symbol(call, x).keras_shape())
    order = list(range(rank))[::-1] if order is None else list(call.evaluator.resolve_all(order, call.node))
    return in_keras_order(torch.permute, x, order)


def _product(call: BuiltinCall, x: Any, y: Any, transpose_a: bool = False, transpose_b: bool = False) -> KerasTensor:
    """`tf.matmul(x, y)` and `K.dot(x, y)`: over the last axis of x and the last but one of y."""
    symbol(call, x), symbol(call, y)
    return in_keras_order(_matmul, x, y, bool(transpose_a), bool(transpose_b))


def _matmul(x: Tensor, y: Tensor, is_turned: bool, is_other_turned: bool) -> Tensor:
    return torch.matmul(x.mT if is_turned else x, y.mT if is_other_turned else y)


def _tensordot(call: BuiltinCall, x: Any, y: Any, axes: Any = 1, **kwargs: Any) -> KerasTensor:
    axes = call.evaluator.resolve_all(axes, call.node)
    dims = axes if isinstance(axes, int) else [list(one) if isinstance(one, (list, tuple)) else [one] for one in axes]
    return in_keras_order(torch.tensordot, symbol(call, x), symbol(call, y), dims)


def _einsum(call: BuiltinCall, equation: str, *operands: Any, **kwargs: Any) -> KerasTensor:
    if not isinstance(equation, str) or len(equation) > 100:
        raise call.fail("its equation is a short text such as 'bij,bjk->bik'.")
    return in_keras_order(torch.einsum, equation, *(symbol(call, one) for one in operands))


def _stacked(call: BuiltinCall, values: Any, axis: int = 0, **kwargs: Any) -> KerasTensor:
    return in_keras_order(torch.stack, [symbol(call, one) for one in call.iterate(values)], axis)


def _concatenated(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
    """`tf.concat([x, y], -1)`; of sizes, such as `[batch]` and `tf.constant([1, 1])`, the list of all."""
    values = args[0] if args else kwargs.get("values", ())
    parts = [_as_sizes(one) for one in values] if isinstance(values, (list, tuple)) else [None]
    if parts and all(part is not None for part in parts):
        return [size for part in parts for size in part or ()]
    return CONCATENATE.run(call, *args, **kwargs)


def _as_sizes(value: Any) -> list[Any] | None:
    if isinstance(value, ShapedData) and value.recipe is not None and value.recipe.make is listed:
        value = [int(one) for one in value.recipe.args[0]] if len(value.sizes) == 1 else None
    is_flat = isinstance(value, (list, tuple)) and all(one is None or isinstance(one, int) for one in value)
    return list(value) if is_flat else None


def _split(
    call: BuiltinCall, x: Any, num_or_size_splits: Any = None, axis: int = 0, **kwargs: Any
) -> list[KerasTensor]:
    parts = kwargs.get("indices_or_sections", num_or_size_splits)
    dim = symbol(call, x).dim(axis)
    length = x.meta().shape[dim]
    if isinstance(parts, int) and 0 < parts <= 256 and length % parts == 0:
        parts = [length // parts] * parts
    if not isinstance(parts, (list, tuple)) or sum(parts) != length:
        raise call.fail(f"an axis of {length} cannot be split so.")
    starts = [sum(parts[:index]) for index in range(len(parts))]
    return [applied(torch.narrow, x, dim, start, size) for start, size in zip(starts, parts, strict=True)]


def _identity(call: BuiltinCall, x: Any, *args: Any, **kwargs: Any) -> Any:
    return x


def _unit_length(call: BuiltinCall, x: Any, axis: Any = None, *args: Any, **kwargs: Any) -> Any:
    """`tf.math.l2_normalize(x, axis=-1)`; without an axis over all images of a batch, as only a loss does."""
    axes = call.evaluator.resolve_all(kwargs.get("dim", axis), call.node)
    if axes is None or is_of_data(x):
        return x
    dims = [symbol(call, x).dim(one) for one in (axes if isinstance(axes, (list, tuple)) else [axes])]
    return applied(F.normalize, x, dim=dims, name="l2_normalize")


def _local_norm(
    call: BuiltinCall, x: Any, depth_radius: Any = 5, bias: Any = 1.0, alpha: Any = 1.0, beta: Any = 0.5, **kwargs: Any
) -> KerasTensor:
    """`tf.nn.lrn`: its window is twice the radius and one, and PyTorch divides alpha by the window."""
    window = 2 * depth_radius + 1
    return applied(F.local_response_norm, symbol(call, x), window, alpha=alpha * window, beta=beta, k=bias, name="lrn")


def _power(call: BuiltinCall, x: Any, y: Any = 2, *args: Any, **kwargs: Any) -> KerasTensor:
    """`tf.pow(x, y)`, for a number y."""
    exponent = call.evaluator.resolve(kwargs.get("a", y), call.node)
    if not isinstance(exponent, (int, float)):
        raise call.fail("the exponent must be a number.")
    return applied(torch.pow, symbol(call, x), exponent)


def _clipped(call: BuiltinCall, x: Any, *bounds: Any, **kwargs: Any) -> KerasTensor:
    """`tf.clip_by_value(x, 0, 1)`; bounds that are no numbers change no shape."""
    named = {key.rpartition("_")[2]: value for key, value in kwargs.items() if key.endswith(("min", "max"))}
    given = named | dict(zip(("min", "max"), bounds, strict=False))
    low, high = call.evaluator.resolve_all([given.get("min"), given.get("max")], call.node)
    if not all(isinstance(one, (int, float)) for one in (low, high)):
        return applied(torch.clone, symbol(call, x))
    return applied(torch.clamp, symbol(call, x), low, high, name=call.name)


def _deviation(is_squared: bool) -> Callable[..., Tensor]:
    def run(x: Tensor, dims: list[int], keep: bool) -> Tensor:
        return (torch.var if is_squared else torch.std)(x, dims, correction=0, keepdim=keep)

    return run


def _products(x: Tensor, dims: list[int], keep: bool) -> Tensor:
    for dim in sorted(dims, reverse=True):
        x = torch.prod(x, dim, keep)
    return x


def _filled(function: Callable[..., Any]) -> Builtin:
    return Builtin("filled", lambda call, x, *args, **kwargs: applied(function, symbol(call, x)), needs_call=True)


def _inference(call: BuiltinCall, x: Any, alt: Any, *args: Any, **kwargs: Any) -> Any:
    """`K.in_train_phase(x, alt)`: what it is outside of training."""
    return alt if isinstance(alt, KerasTensor) else call.call(alt)


def _batch_dot(call: BuiltinCall, x: Any, y: Any, axes: Any = None, **kwargs: Any) -> KerasTensor:
    """`K.batch_dot(x, y, axes)`."""
    named = call.evaluator.resolve_all(axes, call.node)
    ranks = len(symbol(call, x).keras_shape()), len(symbol(call, y).keras_shape())
    default = (ranks[0] - 1, 1 if ranks[1] == 2 else ranks[1] - 2)
    return MERGES["Dot"](call, [x, y], axes=default if named is None else named)


CONCATENATE = merge("Concatenate", False)
LRN = Builtin("lrn", _local_norm, needs_call=True)
ELEMENTWISE: dict[str, Callable[..., Any]] = {
    "relu": F.relu, "relu6": F.relu6, "sigmoid": torch.sigmoid, "tanh": torch.tanh, "elu": F.elu, "selu": F.selu,
    "gelu": F.gelu, "silu": F.silu, "swish": F.silu, "softplus": F.softplus, "softsign": F.softsign, "abs": torch.abs,
    "exp": torch.exp, "sqrt": torch.sqrt, "square": torch.square, "log": torch.log, "sin": torch.sin, "cos": torch.cos,
    "leaky_relu": leaky, "hard_sigmoid": F.hardsigmoid, "mish": F.mish, "round": torch.round, "sign": torch.sign,
    "log_softmax": lambda x: F.log_softmax(x, 1), "linear": torch.clone, "negative": torch.neg, "rsqrt": torch.rsqrt,
    "hard_silu": F.hardswish, "floor": torch.floor, "ceil": torch.ceil, "erf": torch.erf, "log1p": torch.log1p,
    "expm1": torch.expm1,
}  # fmt: skip
REDUCED: Mapping[str, Callable[..., Any]] = {
    "mean": torch.mean,
    "sum": torch.sum,
    "max": torch.amax,
    "min": torch.amin,
    "prod": _products,
    "std": _deviation(False),
    "var": _deviation(True),
}
OTHERS: Mapping[str, Callable[..., Any]] = {
    "softmax": _softmax, "reshape": _reshape, "expand_dims": _expand, "squeeze": _squeeze, "identity": _identity,
    "cast": _identity, "stop_gradient": _identity, "convert_to_tensor": _identity, "dropout": _identity,
    "l2_normalize": _unit_length, "matmul": _product, "dot": _product, "tensordot": _tensordot, "einsum": _einsum,
    "pow": _power, "clip": _clipped, "clip_by_value": _clipped, "tile": tiled, "pad": padded, "batch_dot": _batch_dot,
    "broadcast_to": broadcast, "repeat": repeated,
    "in_train_phase": _inference, "transpose": _transposed, "permute_dimensions": _transposed, "stack": _stacked,
    "split": _split,
}  # fmt: skip
FUNCTIONS: dict[str, Builtin] = with_first_names(
    {
        **{name: elementwise(name, function) for name, function in ELEMENTWISE.items()},
        **{f"reduce_{name}": Builtin(name, _reduced(f), needs_call=True) for name, f in REDUCED.items()},
        **{name: Builtin(name, run, needs_call=True) for name, run in OTHERS.items()},
        "mean": Builtin("mean", _reduced(torch.mean), needs_call=True),
        "reduce_variance": Builtin("reduce_variance", _reduced(_deviation(True)), needs_call=True),
        "zeros_like": _filled(torch.zeros_like),
        "ones_like": _filled(torch.ones_like),
        "concat": Builtin("concat", _concatenated, needs_call=True),
        **dict.fromkeys(("lrn", "local_response_normalization"), LRN),
        "range": RANGE,
        "arange": RANGE,
        **{name: merge(name.capitalize(), False) for name in ("add", "subtract", "multiply", "maximum", "minimum")},
    }
)
# Keras's backend and `keras.ops` call the reductions by their short names, which are Python's in TensorFlow's module
SHORT_REDUCTIONS = {name: Builtin(name, _reduced(f), needs_call=True) for name, f in REDUCED.items()}
