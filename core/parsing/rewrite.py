"""Changing one number of a pasted network where it stands, so that the rest of the text stays as it was written."""

from __future__ import annotations

import ast
import inspect

from torch import nn


def set_argument(text: str, path: str, argument: str, value: int) -> str | None:
    """The text with one argument of one layer set, or None where the layer cannot be found in it.

    Args: `path` as in `model.get_submodule` ("3", "0.2") of an `nn.Sequential(...)` text.

    >>> set_argument("nn.Sequential(nn.Flatten(), nn.Linear(100, 10))", "1", "in_features", 784)
    'nn.Sequential(nn.Flatten(), nn.Linear(784, 10))'
    """
    try:
        statement = ast.parse(text).body[-1]
    except (SyntaxError, ValueError, RecursionError, IndexError):
        return None
    call = getattr(statement, "value", None)
    for step in path.split("."):
        call = _part(call, step)
    if not isinstance(call, ast.Call):
        return None
    position = _argument(call, argument)
    if position is None:
        return None
    return _replaced(text, position, str(value))


def _part(call: ast.AST | None, step: str) -> ast.AST | None:
    """The layer at a place of an `nn.Sequential(...)` call."""
    if not isinstance(call, ast.Call) or _name(call) != "Sequential" or not step.isdigit():
        return None
    layers = call.args
    if len(layers) == 1 and isinstance(layers[0], ast.Starred | ast.List):
        layers = getattr(getattr(layers[0], "value", layers[0]), "elts", [])
    if int(step) >= len(layers) or any(isinstance(layer, ast.Starred) for layer in layers):
        return None
    return layers[int(step)]


def _argument(call: ast.Call, argument: str) -> ast.expr | None:
    """Where an argument is written, by its name or by its place in the layer's signature."""
    for keyword in call.keywords:
        if keyword.arg == argument:
            return keyword.value
    names = list(inspect.signature(getattr(nn, _name(call), object)).parameters)
    position = names.index(argument) if argument in names else len(call.args)
    if position >= len(call.args) or any(isinstance(value, ast.Starred) for value in call.args):
        return None
    return call.args[position]


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _replaced(text: str, node: ast.expr, value: str) -> str:
    """The text with a node's own stretch replaced; columns count bytes, as `ast` does."""
    lines = [line.encode() for line in text.split("\n")]
    head = lines[node.lineno - 1][: node.col_offset]
    last = node.end_lineno or node.lineno
    tail = lines[last - 1][node.end_col_offset :]
    lines[node.lineno - 1 : last] = [head + value.encode() + tail]
    return b"\n".join(lines).decode()
