"""`tf.pad` and `ops.pad`: cells around a tensor that are zeros, another number, or a mirror image of those inside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from core.parsing.dialects.keras.input_symbols import symbol
from core.parsing.dialects.keras.shaped_data import written_values
from core.parsing.dialects.keras.symbols import KerasTensor, in_keras_order
from core.parsing.dialects.keras.tensor_functions.copies import MOST_COPIES
from core.parsing.evaluation.calls import BuiltinCall

Pairs = Sequence[tuple[int, int]]  # (before, after) of each axis


def padded(call: BuiltinCall, x: Any, paddings: Any = None, mode: Any = "CONSTANT", constant_values: Any = 0,
           *args: Any, **kwargs: Any) -> KerasTensor:  # fmt: skip
    """`tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], "REFLECT")`: cells before and after, axis by axis."""
    given = written_values(kwargs.get("pad_width", paddings))
    pairs = [tuple(call.evaluator.resolve_all(list(call.iterate(one)), call.node)) for one in call.iterate(given)]
    if not all(len(pair) == 2 and all(type(n) is int and 0 <= n <= MOST_COPIES for n in pair) for pair in pairs):
        raise call.fail("it takes two numbers for each axis.")
    said, value = call.evaluator.resolve_all([mode, constant_values], call.node)
    how = str(said).lower()
    if how in ("reflect", "symmetric"):
        return in_keras_order(mirrored, symbol(call, x), pairs, int(how == "reflect"), name="pad")
    cells = [n for pair in reversed(pairs) for n in pair]
    number = value if isinstance(value, (int, float)) else 0
    return in_keras_order(F.pad, symbol(call, x), cells, "constant", number, name="pad")


def mirrored(x: Tensor, pairs: Pairs, skip: int) -> Tensor:
    """A mirror image at both ends of each axis, without its outermost cell (`skip` of 1) or with it (0).

    >>> mirrored(torch.tensor([1, 2, 3]), [(2, 1)], 1), mirrored(torch.tensor([1, 2, 3]), [(2, 1)], 0)
    (tensor([3, 2, 1, 2, 3, 2]), tensor([2, 1, 1, 2, 3, 3]))
    """
    for axis, (before, after) in enumerate(pairs):
        size = x.shape[axis]
        if max(before, after) > size - skip:
            raise ValueError(f"{max(before, after)} cells cannot be a mirror image of {size}")
        if before or after:
            front, back = range(before - 1 + skip, skip - 1, -1), range(size - 1 - skip, size - 1 - skip - after, -1)
            places = torch.tensor([*front, *range(size), *back], device=x.device)
            x = x.index_select(axis, places)
    return x
