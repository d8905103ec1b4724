"""Inputs of classes of Keras that a text defines: one, several in a list, or some under names."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from core.parsing.dialects.keras.input_symbols import symbol_of
from core.parsing.dialects.keras.shaped_data import ShapedData
from core.parsing.dialects.keras.symbols import KerasTensor, symbols_in
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Function

MOST_INPUTS = 16
STATE = re.compile(r"(\w+_)?(hidden|states?|h|c|query)(_\w+)?")
WIDTH = re.compile(r"((dec|enc|decoder|encoder|lstm|gru|rnn|hidden|num|n)_?)?(units|hidden|sz|size|dims?)")


def as_inputs(call: BuiltinCall, args: Sequence[Any], kwargs: dict[str, Any]) -> list[Any]:
    """What an object is called with; data, and tables where no symbol is beside them, are inputs of their shapes."""
    data = (ShapedData,) if symbols_in([*args, *kwargs.values()]) else (ShapedData, Tensor)
    return [_as_symbols(call, one, data) for one in args]


def _as_symbols(call: BuiltinCall, value: Any, data: tuple[type, ...]) -> Any:
    """Data as an input of its shape, also in a list or under a name."""
    if isinstance(value, dict):
        return {name: _as_symbols(call, one, data) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [symbol_of(call, one) for one in value]
    return symbol_of(call, value) if isinstance(value, data) else value


def shapes_of(call: BuiltinCall, value: Any) -> Any:
    """The shape of an input for `build`, or those of several."""
    if isinstance(value, dict):
        return {name: shapes_of(call, one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [shapes_of(call, one) for one in value]
    return symbol_of(call, value).keras_shape()


def like(one: KerasTensor, number: int) -> KerasTensor:
    """An input of the same shape."""
    return KerasTensor(one.shape, None, f"x{number or ''}", one.channels_first)


def beside(first: KerasTensor, method: Function, kept: Mapping[str, Any], given: Sequence[str]) -> list[KerasTensor]:
    """Inputs for what `call(self, x, hidden, enc_output)` needs beside its first one, of usual shapes.

    A state is a row, as wide as the object says; what an encoder gives beside words is a row for each of them.
    """
    spec = method.node.args.args
    behind = [one.arg for one in spec[2 : len(spec) - len(method.node.args.defaults)]]
    needed = [name for name in behind if name not in given]
    sizes = [one for name, one in kept.items() if WIDTH.fullmatch(name) and type(one) is int]
    width = sizes[0] if sizes else first.shape[0]
    made = []
    for number, name in enumerate(needed, 1):
        is_row = STATE.fullmatch(name.lower()) is not None
        shape = (width,) if is_row else (width, *first.shape) if len(first.shape) == 1 else first.shape
        made.append(KerasTensor(shape, None, f"x{number}", first.channels_first))
    return made


def names_read(owner: str, function: ast.AST) -> list[str]:
    """The words under which a function takes items out of an argument, in order.

    >>> names_read("inputs", ast.parse("a, b = inputs['image'], inputs['text']"))
    ['image', 'text']
    """
    found = [
        part.slice.value
        for part in ast.walk(function)
        if isinstance(part, ast.Subscript) and isinstance(part.value, ast.Name) and part.value.id == owner
        if isinstance(part.slice, ast.Constant) and isinstance(part.slice.value, str)
    ]
    return list(dict.fromkeys(found))[:MOST_INPUTS]


def taken_apart(name: str, function: ast.AST) -> int:
    """How many items a function takes out of an argument: `inputs[1]` or `a, b = inputs`; 1 if it does not."""
    count = 1
    for part in ast.walk(function):
        match part:
            case ast.Subscript(value=ast.Name(id=owner), slice=ast.Constant(value=int() as index)) if owner == name:
                count = max(count, index + 1)
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Name(id=owner)) if owner == name:
                count = max(count, len(targets))
    return min(count, MOST_INPUTS)


def leaves(value: Any) -> list[Any]:
    """What lists and dictionaries hold, inner ones taken apart; None is nothing.

    >>> leaves(("x", [("h", "c"), None]))
    ['x', 'h', 'c']
    """
    if isinstance(value, (list, tuple, dict)):
        return [one for part in (value.values() if isinstance(value, dict) else value) for one in leaves(part)]
    return [] if value is None else [value]
