"""How many numbers a function of numpy makes, told before it makes them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import ParseError
from core.parsing.evaluation.arrays import MAX_VALUES


@dataclass(frozen=True)
class Arguments:
    """What a function of numpy is called with."""

    values: Sequence[Any]
    named: Mapping[str, Any]

    def get(self, place: int, name: str, default: Any = 1) -> Any:
        """The argument of a name, which is written at a place or behind its name."""
        return self.values[place] if place < len(self.values) else self.named.get(name, default)

    @property
    def all(self) -> list[Any]:
        return [*self.values, *self.named.values()]


def check_growth(name: str, values: Sequence[Any], named: Mapping[str, Any]) -> None:
    """Raises ParseError where `np.name(*values, **named)` makes more numbers than are worked out here."""
    if most_values(name, values, named) > MAX_VALUES:
        raise ParseError(f"np.{name} would make more than {MAX_VALUES:,} numbers, which are not worked out here.")


def most_values(name: str, values: Sequence[Any], named: Mapping[str, Any]) -> float:
    """The most numbers that `np.name(*values, **named)` gives, or some more than that.

    >>> most_values("tile", [[1, 2], 1000], {}), most_values("pad", [[1, 2, 3], (4, 2)], {})
    (2000, 11)
    >>> most_values("add", [np.ones((9, 1)), np.ones(7)], {}), most_values("sum", [[1, 2, 3]], {"axis": 0})
    (63, 4)
    """
    given = Arguments(values, named)
    total = sum(map(_size, given.all))
    if total > MAX_VALUES:
        return total
    if name in GROWTH:
        return GROWTH[name](given)
    is_spread = isinstance(getattr(np, name), np.ufunc) or name in SPREAD
    return math.prod(np.broadcast_shapes(*map(np.shape, given.all))) if is_spread else total


def _size(value: Any) -> int:
    return sum(map(_size, value)) if isinstance(value, (list, tuple)) else int(np.size(value))


def _largest(value: Any) -> int:
    """The largest whole number among some, whatever its sign."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return max(map(_largest, value), default=0)
    numbers = np.asarray(value)
    return int(np.abs(numbers).max(initial=0)) if numbers.dtype.kind in "iuf" else 0


def _product(sizes: Any) -> int:
    return math.prod(max(1, abs(int(one))) for one in np.ravel(sizes))


def _all_with_all(given: Arguments) -> int:
    return math.prod(max(1, _size(one)) for one in given.all)


def _matrices(given: Arguments) -> int:
    shared = (np.shape(given.values[0]) or (1,))[-1] if given.values else 1
    return _all_with_all(given) // max(1, shared) ** 2


def _padded(given: Arguments) -> int:
    width = _largest(given.get(1, "pad_width"))
    return math.prod(side + 2 * width for side in np.shape(given.get(0, "array")))


def _table(given: Arguments) -> int:
    rows = _largest(given.get(0, "N"))
    return rows * max(_largest(given.get(1, "M", rows)), 1)


def _diagonal(given: Arguments) -> int:
    values = given.get(0, "v")
    return (_size(values) + _largest(given.get(1, "k", 0))) ** 2 if np.ndim(values) == 1 else _size(values)


def _pieces(place: int, name: str) -> Callable[[Arguments], int]:
    """As many as a number says; a list says where they end."""

    def count(given: Arguments) -> int:
        asked = given.get(place, name)
        return max(_size(given.all), _largest(asked) if np.ndim(asked) == 0 else 0)

    return count


def _along_axis(given: Arguments) -> int:
    return _all_with_all(given) if "axis" in given.named or len(given.values) > 2 else _size(given.all)


SPREAD = ("where", "clip", "isclose", "allclose", "cross")  # besides numpy's own functions of single numbers
GROWTH: dict[str, Callable[[Arguments], float]] = {
    "repeat": lambda given: _size(given.get(0, "a")) * _largest(given.get(1, "repeats")),
    "tile": lambda given: _size(given.get(0, "A")) * _product(given.get(1, "reps")),
    "broadcast_to": lambda given: _product(given.get(1, "shape")),
    "pad": _padded,
    **dict.fromkeys(("geomspace", "logspace"), lambda given: _largest(given.get(2, "num"))),
    "bincount": lambda given: max(_largest(given.get(0, "x")), _largest(given.get(2, "minlength"))),
    "tri": _table,
    "diag": _diagonal,
    "full_like": lambda given: max(_size(given.all), _product(given.get(5, "shape"))),
    **dict.fromkeys(("zeros_like", "ones_like", "empty_like"), lambda given: _product(given.get(4, "shape"))),
    "histogram": _pieces(1, "bins"),
    **dict.fromkeys(("split", "array_split"), _pieces(1, "indices_or_sections")),
    **dict.fromkeys(("take", "insert"), _along_axis),
    **dict.fromkeys(("kron", "outer", "einsum", "tensordot", "percentile", "quantile"), _all_with_all),
    "meshgrid": lambda given: _all_with_all(given) * len(given.all),
    **dict.fromkeys(("matmul", "dot", "inner"), _matrices),
}
