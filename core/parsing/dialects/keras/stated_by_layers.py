"""The input that a layer of a class states by which its `call` begins: `Conv2D(8, 3, input_shape=(28, 28, 1))`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from core.errors import MissingShapeError
from core.parsing.clean.syntax import all_nodes
from core.parsing.dialects.keras.input_symbols import input_symbol
from core.parsing.dialects.keras.sequential import KerasSequential, settings_of, stated_shape
from core.parsing.dialects.keras.symbols import KerasTensor
from core.parsing.dialects.keras.unbuilt import KerasLayer
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Function, Instance


def stated_by_layers(place: BuiltinCall, value: Instance, method: Any) -> KerasTensor | None:
    """The input of an object whose class's `call` gives it to a layer that says its shape; None where none does."""
    spec = method.node.args.args if isinstance(method, Function) else []
    if len(spec) < 2:
        return None
    for name in _first_called(method.node, spec[0].arg, spec[1].arg):
        layer = value.names.get(name)
        if isinstance(layer, KerasSequential):
            return _of_row(place, layer)
        if isinstance(layer, KerasLayer):
            sizes = stated_shape(layer.kind, settings_of(layer))
            return input_symbol(place, sizes) if sizes is not None else None
    return None


def _first_called(function: ast.AST, own: str, given: str) -> Iterator[str]:
    """Attributes of the object that the first statement which uses an argument calls on it.

    >>> list(_first_called(ast.parse("x = self.b(self.a(x))\\nx = self.c(x)"), "self", "x"))
    ['a']
    """
    for statement in getattr(function, "body", []):
        called = []
        for part in all_nodes(statement):
            match part:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=name), args=[ast.Name(id=first), *_]):
                    called += [name] if owner == own and first == given else []
        if called or any(isinstance(part, ast.Name) and part.id == given for part in all_nodes(statement)):
            yield from called
            return


def _of_row(place: BuiltinCall, row: KerasSequential) -> KerasTensor | None:
    """The input that layers in a row begin with."""
    try:
        row.settle(place)
    except MissingShapeError:
        return None
    return row.inputs[0]
