"""What numpy has besides functions of arrays: types of numbers, indices, loops over arrays."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from core.errors import ParseError
from core.parsing.dialects.pytorch.numpy_values import as_numpy
from core.parsing.evaluation.arrays import Array, from_numpy
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, Special, Type

DTYPES = {"float": torch.float64, "int": torch.int64, "bool": torch.bool}


def _limits(name: str) -> Callable[..., Any]:
    """`np.iinfo(np.int32)`, `np.finfo(np.float32)`."""
    return lambda call, kind: getattr(torch, f"{name}info")(DTYPES.get(getattr(kind, "name", ""), kind))


def _indices(call: BuiltinCall, *shape: Any) -> list[Any]:
    """`np.ndindex(2, 3)`."""
    sizes = call.evaluator.resolve_all(list(shape[0] if len(shape) == 1 and isinstance(shape[0], tuple) else shape))
    call.evaluator.budget.size(math.prod(sizes), call.node)
    return list(np.ndindex(*sizes))


def _numbered(call: BuiltinCall, array: Any) -> list[Any]:
    """`np.ndenumerate(array)`."""
    values = np.asarray(as_numpy(array))
    call.evaluator.budget.size(values.size, call.node)
    return [(index, one.item()) for index, one in np.ndenumerate(values)]


def _vectorized(call: BuiltinCall, function: Any, *args: Any, **kwargs: Any) -> Builtin:
    """`np.vectorize(function)` of arrays with one axis."""

    def run(inner: BuiltinCall, *arrays: Any) -> Array:
        rows = zip(*(inner.iterate(one) for one in arrays), strict=True)
        return Array([inner.call(function, *row) for row in rows])

    return Builtin("vectorized", run, needs_call=True)


class IndexExpression(Special):
    """`np.s_[1:3]`: the index itself."""

    name = "np.s_"

    def item(self, evaluator: Any, index: Any, node: Any) -> Any:
        return index


class Grid(Special):
    """`np.ogrid[:3, :4]`, the rows and columns of a grid, and `np.mgrid`, those of each of its places."""

    def __init__(self, name: str, grid: Any) -> None:
        self.name, self._grid = f"np.{name}", grid

    def item(self, evaluator: Any, index: Any, node: Any) -> Any:
        ranges = index if isinstance(index, tuple) else (index,)
        if not all(isinstance(one, slice) for one in ranges):
            raise ParseError(f"{self.name} takes ranges such as {self.name}[:3, :4].")
        bounds = [evaluator.resolve_all([one.start or 0, one.stop, one.step or 1], node) for one in ranges]
        most = math.prod(max(0, (stop - start) / step) + 1 for start, stop, step in bounds)
        evaluator.budget.size(most * len(bounds), node)
        spans = tuple(slice(*one) for one in bounds)
        made = self._grid[spans if isinstance(index, tuple) else spans[0]]
        device = evaluator.run.device
        return [from_numpy(one, device) for one in made] if isinstance(made, tuple) else from_numpy(made, device)


_KINDS = "float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 complex64 complex128"
NUMBER_TYPES: dict[str, Any] = {
    **{name: getattr(torch, name) for name in _KINDS.split()},
    **dict.fromkeys(("int_", "intp", "longlong"), torch.int64),
    **dict.fromkeys(("float_", "double"), torch.float64),
    "single": torch.float32,
    "bool_": torch.bool,
    "integer": Type("integer", (int,)),
    "floating": Type("floating", (float,)),
    "number": Type("number", (int, float)),
}
TOOLS: dict[str, Any] = {
    **NUMBER_TYPES,
    "s_": IndexExpression(),
    "index_exp": IndexExpression(),
    "ogrid": Grid("ogrid", np.ogrid),
    "mgrid": Grid("mgrid", np.mgrid),
    **{f"{name}info": Builtin(f"np.{name}info", _limits(name), needs_call=True) for name in ("i", "f")},
    "ndindex": Builtin("np.ndindex", _indices, needs_call=True),
    "ndenumerate": Builtin("np.ndenumerate", _numbered, needs_call=True),
    "vectorize": Builtin("np.vectorize", _vectorized, needs_call=True),
}
