"""Data sets that come with Keras: what a text makes of their shapes tells the input of its network.

Source: keras.io/api/datasets.
"""

from __future__ import annotations

import ast
import math
from typing import Any

from torch import Tensor

from core.parsing.dialects.keras.unbuilt import ShapedData
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, Namespace, Unknown

SIZES: dict[str, tuple[tuple[int, ...], tuple[int, ...], int]] = {  # a sample, its label, and how many are for training
    "mnist": ((28, 28), (), 60_000),
    "fashion_mnist": ((28, 28), (), 60_000),
    "cifar10": ((32, 32, 3), (1,), 50_000),
    "cifar100": ((32, 32, 3), (1,), 50_000),
}
TESTED = 10_000
UNCHANGED = ("astype", "copy", "numpy", "tolist", "clip", "round")


class KnownData(ShapedData):
    """An array of which the shape is known, and no value."""

    name = "data"

    def attribute(self, evaluator: Any, name: str, node: ast.AST | None) -> Any:
        match name:
            case "shape":
                return self.sizes
            case "ndim":
                return len(self.sizes)
            case "reshape":
                return Builtin("reshape", self._reshape, needs_call=True)
            case "expand_dims":
                return Builtin("expand_dims", self._expand, needs_call=True)
            case _ if name in UNCHANGED:
                return Builtin(name, lambda call, *args, **kwargs: self, needs_call=True)
        return Unknown("this depends on data", getattr(node, "lineno", 1), is_data=True)

    def item(self, evaluator: Any, index: Any, node: ast.AST | None) -> Any:
        left, made = list(self.sizes), []
        parts = list(index) if isinstance(index, tuple) else [index]
        if Ellipsis in parts:
            place = parts.index(Ellipsis)
            taken = sum(part is not None for part in parts) - 1
            parts[place : place + 1] = [slice(None)] * (len(left) - taken)
        for part in parts:
            if part is None:
                made.append(1)
            elif isinstance(part, slice) and left:
                made.append(len(range(*part.indices(left.pop(0)))))
            elif type(part) is int and left:
                left.pop(0)
            else:
                return Unknown("this depends on data", getattr(node, "lineno", 1), is_data=True)
        return KnownData((*made, *left))

    def operate(self, name: str, other: Any, is_left: bool) -> Any:
        return self

    def _reshape(self, call: BuiltinCall, *sizes: Any, **settings: Any) -> KnownData:
        asked = sizes[0] if len(sizes) == 1 and isinstance(sizes[0], (list, tuple)) else sizes
        known = list(call.evaluator.resolve_all(list(asked), call.node))
        rest = math.prod(self.sizes) // max(1, math.prod(size for size in known if size != -1))
        return KnownData(tuple(rest if size == -1 else size for size in known))

    def _expand(self, call: BuiltinCall, axis: int = -1) -> KnownData:
        place = axis % (len(self.sizes) + 1)
        return KnownData((*self.sizes[:place], 1, *self.sizes[place:]))


def sizes_of(value: Any) -> tuple[int, ...] | None:
    """The shape of data without the batch; None where it is not known."""
    if isinstance(value, ShapedData):
        return tuple(value.sizes[1:])
    return tuple(value.shape[1:]) if isinstance(value, Tensor) and value.dim() > 1 else None


def _load(name: str) -> Builtin:
    sample, label, count = SIZES[name]

    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        return tuple((KnownData((n, *sample)), KnownData((n, *label))) for n in (count, TESTED))

    return Builtin("load_data", run, needs_call=True)


DATASETS = Namespace(
    "keras.datasets", {name: Namespace(f"keras.datasets.{name}", {"load_data": _load(name)}) for name in SIZES}
)
