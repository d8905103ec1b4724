"""What a function asks of an argument before it uses it: whether it is there at all."""

from __future__ import annotations

import ast

from core.parsing.argument_usage import place_of
from core.parsing.clean.syntax import all_nodes


def is_asked_for(name: str, function: ast.AST) -> bool:
    """Whether a function asks whether an argument is there, or gives it another value.

    >>> is_asked_for("cfg", ast.parse("nn.Linear(3, cfg.width)"))
    False
    >>> is_asked_for("cfg", ast.parse("cfg = cfg or Config()"))
    True
    """
    for part in all_nodes(function):
        match part:
            case ast.Name(id=found, ctx=ast.Store()) if found == name:
                return True
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                tests = list(ast.iter_child_nodes(part))
            case ast.If(test=test) | ast.IfExp(test=test):
                tests = [test]
            case _:
                continue
        if any(isinstance(one, ast.Name) and one.id == name for one in tests):
            return True
    return False


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
