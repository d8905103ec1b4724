"""TensorFlow's functions that repeat values along axes, and weights once for each image of a batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from core.parsing.dialects.keras.input_symbols import symbol
from core.parsing.dialects.keras.symbols import (
    KerasTensor,
    KerasWeight,
    applied,
    channels_first,
    ending,
    in_keras_order,
)
from core.parsing.evaluation.calls import BuiltinCall

MOST_COPIES = 4096  # of one axis, or cells of padding


def tiled(call: BuiltinCall, x: Any, multiples: Any = None, *args: Any, **kwargs: Any) -> KerasTensor:
    given = multiples if multiples is not None else kwargs.get("n", kwargs.get("repeats"))
    counts = list(call.evaluator.resolve_all(list(call.iterate(given)), call.node))
    if isinstance(x, KerasWeight) and counts[:1] == [None]:
        return _spread(call, x, counts[1:], _tiled_for_each)
    if not all(type(n) is int and 1 <= n <= MOST_COPIES for n in counts) or counts[0] != 1:
        raise call.fail("it takes how often each axis is repeated, that of the batch once.")
    return in_keras_order(torch.tile, symbol(call, x), tuple(counts))


def _spread(call: BuiltinCall, x: KerasTensor, sizes: list[Any], function: Callable[..., Tensor]) -> KerasTensor:
    """A weight once for each image of the batch, of which only `tf.shape(x)[0]` tells the size."""
    batch = call.evaluator.batch_of
    if not isinstance(batch, KerasTensor) or x.shape[:1] != (1,) or not all(type(n) is int for n in sizes):
        raise call.fail("a weight is repeated for each image of a batch: its first side must be 1.")
    result = applied(function, batch, x, tuple(sizes), name=call.name)
    return ending(result if batch.channels_first else channels_first(result), (batch, x))


def _tiled_for_each(x: Tensor, weight: Tensor, counts: tuple[int, ...]) -> Tensor:
    return weight.tile(x.shape[0], *counts)


def _broadcast_for_each(x: Tensor, weight: Tensor, sizes: tuple[int, ...]) -> Tensor:
    return weight.expand(x.shape[0], *sizes)


def broadcast(call: BuiltinCall, x: Any, shape: Any = None, *args: Any, **kwargs: Any) -> KerasTensor:
    """`tf.broadcast_to(token, [batch, 1, width])`."""
    sizes = list(call.evaluator.resolve_all(list(call.iterate(shape)), call.node))
    if isinstance(symbol(call, x), KerasWeight) and sizes[:1] == [None]:
        return _spread(call, x, sizes[1:], _broadcast_for_each)
    kept = [-1 if n is None else n for n in sizes]
    if not all(type(n) is int and -1 <= n <= MOST_COPIES for n in kept):
        raise call.fail("it takes the sizes of all axes.")
    return in_keras_order(torch.Tensor.expand, x, kept, name="broadcast_to")


def repeated(call: BuiltinCall, x: Any, repeats: Any = None, axis: Any = None, **kwargs: Any) -> KerasTensor:
    """`tf.repeat(x, 3, axis=1)`, and of a weight once for each image; `K.repeat(x, 3)` of rows as steps."""
    count = call.evaluator.resolve(kwargs.get("n", repeats), call.node)
    if axis is None and call.name == "repeat" and len(symbol(call, x).keras_shape()) == 2 and type(count) is int:
        steps = in_keras_order(torch.unsqueeze, x, 1)
        return in_keras_order(torch.repeat_interleave, steps, min(max(count, 1), MOST_COPIES), 1, name="repeat")
    if isinstance(symbol(call, x), KerasWeight) and count is None and axis == 0:
        return _spread(call, x, [1] * (len(x.shape) - 1), _tiled_for_each)
    if type(count) is not int or not 1 <= count <= MOST_COPIES or type(axis) is not int or axis == 0:
        raise call.fail("it takes how often each item of an axis is repeated, and the axis, not that of the batch.")
    return in_keras_order(torch.repeat_interleave, x, count, axis, name="repeat")
