"""Objects of plain classes that a text builds in passing, as in `Trainer(hidden=30).fit()`, and how it says so."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.parsing.evaluation.values import Instance

MOST_WRITTEN, DEEPEST = 30, 3  # values of a list, and lists in each other, that are written out


@dataclass(frozen=True)
class BuiltObject:
    """The last object of a class: `text` is an expression that gives it again, "" where none is known."""

    value: Instance
    text: str
    line: int


def construction(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str | None:
    """How a class is called with values that can be written; None where one cannot.

    >>> construction("Trainer", [3], {"sizes": {"hidden": (4, 5)}})
    "Trainer(3, sizes={'hidden': (4, 5)})"
    >>> construction("Trainer", [math], {}) is None
    True
    """
    if not all(map(_is_written, (*args, *kwargs.values()))):
        return None
    return f"{name}({', '.join([*map(repr, args), *(f'{key}={value!r}' for key, value in kwargs.items())])})"


def _is_written(value: Any, depth: int = DEEPEST) -> bool:
    """Whether Python reads a value again from its `repr`."""
    if type(value) is dict:
        value = [*value, *value.values()]
    if type(value) in (list, tuple):
        return depth > 0 and len(value) <= MOST_WRITTEN and all(_is_written(one, depth - 1) for one in value)
    return type(value) in (bool, int, str, type(None)) or (type(value) is float and math.isfinite(value))
