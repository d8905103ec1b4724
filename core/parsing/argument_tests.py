"""What a function asks of an argument before it uses it: whether it is there at all."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterable, Mapping
from typing import Any

from core.parsing.clean.syntax import all_nodes
from core.parsing.listed_numbers import place_of


def is_asked_for(name: str, function: ast.AST, others: Iterable[ast.AST] = ()) -> bool:
    """Whether a function asks whether an argument is there, or gives it another value.

    Args: `others` are the other methods of its class, which see what the function keeps as `self.x`.

    >>> is_asked_for("cfg", ast.parse("nn.Linear(3, cfg.width)"))
    False
    >>> is_asked_for("cfg", ast.parse("cfg = cfg or Config()"))
    True
    """
    kept = f"self.{name}"
    return _asks((name, kept), function) or any(_asks((kept,), node) for node in others)


def _asks(places: tuple[str, ...], function: ast.AST) -> bool:
    asserted = {id(one.test) for one in all_nodes(function) if isinstance(one, ast.Assert)}  # which want it to be there
    for part in all_nodes(function):
        if id(part) in asserted:
            continue
        match part:
            case ast.Name(id=found, ctx=ast.Store()) if found in places:
                return True
            case ast.Call(func=ast.Name(id="isinstance" | "callable" | "exists" | "default"), args=[owner, *_]) if (
                place_of(owner) in places
            ):
                return True
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                tests = list(ast.iter_child_nodes(part))
            case ast.If(test=test) | ast.IfExp(test=test):
                tests = [test]
            case _:
                continue
        if any(place_of(one) in places for one in tests):
            return True
    return False


def refused_without(defaults: Mapping[str, Any], known: Container[str], function: ast.AST) -> list[str]:
    """Arguments that are None by default, which a function itself refuses: `assert width is not None`."""
    names = [name for name, value in defaults.items() if value is None and name not in known]
    return [name for name in names if is_refused(name, function)]


def is_refused(name: str, function: ast.AST) -> bool:
    """Whether a function refuses to go on for want of an argument, or for what it is.

    >>> is_refused("width", ast.parse("assert width is not None"))
    True
    >>> is_refused("width", ast.parse("if self.width is None: self.width = 3"))
    False
    """
    for part in all_nodes(function):
        match part:
            case ast.Assert(test=test):
                pass
            case ast.If(test=test, body=[ast.Raise(), *_]):
                pass
            case _:
                continue
        if any(place_of(one) in (name, f"self.{name}") for one in ast.walk(test)):
            return True
    return False
