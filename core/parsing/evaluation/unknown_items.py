"""Items of values that are not known: those that the text itself gives them, and shapes of parts of data."""

from __future__ import annotations

import ast
from typing import Any, Protocol

from core.parsing.evaluation.data_shapes import axes_of_item, by_label
from core.parsing.evaluation.values import MISSING, Unknown


class Items(Protocol):
    """What is needed of the evaluator."""

    assumed_paths: dict[str, Any]

    def get_item(self, value: Any, index: Any, node: ast.AST) -> Any:
        """`value[index]`."""

    def resolve(self, value: Any, node: ast.AST | None = None) -> Any:
        """The value itself; for an unknown one the value that was given or is usual for its name."""


def item_of_unknown(run: Items, value: Unknown, index: Any, node: ast.AST) -> Any:
    """`value[index]`, unknown as well unless the text says it."""
    known = None if value.is_derived else run.assumed_paths.get(value.path)
    if isinstance(known, tuple) and value.path:
        return run.get_item(known, index, node)
    if type(index) is int and index in value.parts:
        return value.parts[index]
    if type(index) is int and value.example is not MISSING:
        return value.example
    name = index if isinstance(index, str) else ""
    found = value.part(f"[{index!r}]" if isinstance(index, (str, int)) else "[...]", name)
    if isinstance(found, Unknown) and name not in value.parts:
        found.compute = (lambda: run.get_item(run.resolve(value), index, node)) if value.compute else None
        found.axes = axes_of_item(value.axes, by_label(index) if value.name == "loc" else index)
    return found
