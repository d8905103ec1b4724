"""Functions of `keras.ops` under numpy's names, on tensors whose axes are in Keras's order.

Source: keras.ops of Keras 3.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Mapping
from typing import Any

import einops
import torch
import torch.nn.functional as F
from torch import Tensor

from core.parsing.dialects.keras.builders import layer_builder
from core.parsing.dialects.keras.input_symbols import symbol
from core.parsing.dialects.keras.symbols import KerasTensor, applied, in_keras_order
from core.parsing.dialects.keras.tensor_functions.functions import FUNCTIONS
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin


def _diff(a: Tensor, n: int = 1, axis: int = -1) -> Tensor:
    return torch.diff(a, n, axis)


def _cross(x1: Tensor, x2: Tensor, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: Any = None) -> Tensor:
    return torch.linalg.cross(x1, x2, dim=axisa if axis is None else axis)


def _quantile(x: Tensor, q: float, axis: int = -1, method: str = "linear", keepdims: bool = False) -> Tensor:
    return torch.quantile(x, q, axis, keepdims, interpolation=method)


def _range_of(x: Tensor, axis: int = -1, keepdims: bool = False) -> Tensor:
    return x.amax(axis, keepdim=keepdims) - x.amin(axis, keepdim=keepdims)


def _diagonal(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    return torch.diagonal(x, offset, axis1, axis2)


def _trace(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    return torch.diagonal(x, offset, axis1, axis2).sum(-1)


def _quarter_turns(array: Tensor, k: int = 1, axes: Any = (0, 1)) -> Tensor:
    return torch.rot90(array, k, list(axes))


def _distances(x1: Tensor, x2: Tensor, ord: float = 2.0) -> Tensor:
    return torch.cdist(x1, x2, ord)


def _inner(x1: Tensor, x2: Tensor) -> Tensor:
    return torch.inner(x1, x2)


def _along(x: Tensor, indices: Tensor, axis: int = -1) -> Tensor:
    return torch.take_along_dim(x, indices.long(), axis)


def _full_like(x: Tensor, fill_value: float, dtype: Any = None) -> Tensor:
    return torch.full_like(x, fill_value)


def _digits(x: Tensor, bins: Any) -> Tensor:
    return torch.bucketize(x, torch.as_tensor(bins, device=x.device, dtype=x.dtype), right=True)


def _several_hot(inputs: Tensor, num_classes: int, axis: int = -1, dtype: Any = None, sparse: bool = False) -> Tensor:
    """One for each class that is among those of the first axis behind the batch."""
    return F.one_hot(inputs.long(), num_classes).amax(1).to(torch.float32)


def _flipped(x: Tensor) -> Tensor:
    return torch.flip(x, [1])


FUNCTIONS_OF_NUMPY: Mapping[str, Callable[..., Tensor]] = {
    "diff": _diff,
    "cross": _cross,
    "quantile": _quantile,
    "ptp": _range_of,
    "diagonal": _diagonal,
    "trace": _trace,
    "rot90": _quarter_turns,
    "cdist": _distances,
    "inner": _inner,
    "take_along_axis": _along,
    "full_like": _full_like,
    "digitize": _digits,
    "multi_hot": _several_hot,
    "fliplr": _flipped,
}


def in_order(name: str, function: Callable[..., Tensor]) -> Builtin:
    """A function of tensors in Keras's order and of numbers, as one of symbols."""
    order = inspect.signature(function)

    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> KerasTensor:
        try:
            bound = order.bind(*args, **kwargs)
        except TypeError as error:
            raise call.fail(f"{error}.") from None
        bound.apply_defaults()
        first, *more = bound.arguments.values()
        given = [one if isinstance(one, KerasTensor) else call.evaluator.resolve_all(one, call.node) for one in more]
        return in_keras_order(function, symbol(call, first), *given, name=name)

    return Builtin(name, run, needs_call=True)


def _rearranged(call: BuiltinCall, tensor: Any, pattern: Any, **sizes: Any) -> KerasTensor:
    """`ops.rearrange(x, "b t (h d) -> b h t d", h=2)`."""
    known = {name: call.evaluator.resolve(size, call.node) for name, size in sizes.items()}
    try:
        return in_keras_order(einops.rearrange, symbol(call, tensor), pattern, name="rearrange", **known)
    except einops.EinopsError as error:
        raise call.fail(f"{str(error).splitlines()[0][:160]}.") from None


def _cut_at(call: BuiltinCall, x: Any, indices_or_sections: Any = None, axis: Any = 0, **kwargs: Any) -> Any:
    """`ops.split(x, [2, 4], axis=-1)`: cut before these places, where `tf.split` takes sizes."""
    places, place = call.evaluator.resolve_all([indices_or_sections, axis], call.node)
    length = symbol(call, x).keras_shape()[place]
    if isinstance(places, int) and call.name == "array_split" and type(length) is int and 0 < places <= length:
        longer = length % places
        places = [part * (length // places) + min(part, longer) for part in range(1, places)]
    if not isinstance(places, (list, tuple)):
        return call.call(FUNCTIONS["split"], x, places, place)
    ends = [0, *places, length]
    if not all(type(n) is int for n in ends) or ends != sorted(ends):
        raise call.fail(f"an axis of {length} cannot be cut at {list(places)}.")
    dim = x.dim(place)
    return [applied(torch.narrow, x, dim, start, end - start) for start, end in itertools.pairwise(ends)]


def _item(call: BuiltinCall, x: Any, key: Any) -> Any:
    """`ops.get_item(x, (slice(None), 0))`."""
    return symbol(call, x).item(call.evaluator, key, call.node)


def _adaptive(kind: str) -> Callable[..., Any]:
    """`ops.adaptive_average_pool(x, 2)`: the layer of that kind for as many axes as the input has."""

    def run(call: BuiltinCall, inputs: Any, output_size: Any, *args: Any, **kwargs: Any) -> Any:
        axes = len(symbol(call, inputs).shape) - 1
        return call.call(layer_builder(f"Adaptive{kind}Pooling{axes}D")(call, output_size), inputs)

    return run


_OWN: Mapping[str, Callable[..., Any]] = {
    "rearrange": _rearranged,
    **dict.fromkeys(("split", "array_split"), _cut_at),
    "get_item": _item,
    "adaptive_average_pool": _adaptive("Average"),
    "adaptive_max_pool": _adaptive("Max"),
}
NUMPY_NAMES = {name: in_order(name, function) for name, function in FUNCTIONS_OF_NUMPY.items()}
NUMPY_NAMES |= {name: Builtin(name, run, needs_call=True) for name, run in _OWN.items()}


def _main_diagonal(input: Tensor) -> Tensor:
    return torch.diagonal(input, 0, -2, -1)


def _sum_of_diagonal(x: Tensor) -> Tensor:
    return torch.diagonal(x, 0, -2, -1).sum(-1)


LINALG_NAMES = {
    name: in_order(name, function) for name, function in (("diag_part", _main_diagonal), ("trace", _sum_of_diagonal))
}
