"""What a function asks of its arguments before it goes on: whether they are there, and `assert length % patch == 0`.

Values that are assumed for its arguments are changed until such checks hold.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from core.parsing.clean.syntax import all_nodes, children
from core.parsing.evaluation.core import MISFITS
from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.values import Scope
from core.parsing.network_values import names_in
from core.parsing.open_values.listed_numbers import place_of

MAX_CHECKS = 12
LADDER = (1, 2, 3, 4, 8, 10, 16, 32, 64, 100, 128, 256, 512)
Check = tuple[ast.expr, bool]  # a condition, and what it must be


def _checks(parts: Iterable[ast.AST]) -> Iterator[Check]:
    """Those without which a function refuses to go on: `assert n > 0`, `if n < 1: raise ...`."""
    for part in parts:
        match part:
            case ast.Assert(test=test):
                yield test, True
            case ast.If(test=test, body=[ast.Raise(), *_]):
                yield test, False


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
    wanted = {id(test) for test, holds in _checks(all_nodes(function)) if holds}  # which want it to be there
    for part in all_nodes(function):
        if id(part) in wanted:
            continue
        match part:
            case ast.Name(id=found, ctx=ast.Store()) if found in places:
                return True
            case ast.Call(func=ast.Name(id="isinstance" | "callable" | "exists" | "default"), args=[owner, *_]) if (
                place_of(owner) in places
            ):
                return True
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                tests = children(part)
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
    places = (name, f"self.{name}")
    return any(place_of(one) in places for test, _ in _checks(all_nodes(function)) for one in ast.walk(test))


def fitting(
    evaluator: Evaluator, function: ast.AST, values: Mapping[str, Any], fixed: Mapping[str, Any]
) -> dict[str, Any]:
    """The values with as few integers changed as the function's checks want.

    Args: `fixed` are arguments that stay what they are, such as those with a default.
    """
    made = dict(values)
    beginning = function.body if isinstance(function, ast.FunctionDef) else []
    checks = [check for check in _checks(beginning) if names_in(check[0]) & set(values)][:MAX_CHECKS]
    for index, check in enumerate(checks):
        if _holds(evaluator, check, {**made, **fixed}):
            continue
        for name in sorted(names_in(check[0]) & set(values) - set(fixed)):
            found = next(
                (
                    number
                    for number in _numbers(made[name], {**made, **fixed})
                    if all(_holds(evaluator, one, {**made, **fixed, name: number}) for one in checks[: index + 1])
                ),
                None,
            )
            if found is not None:
                made[name] = found
                break
    return made


def _holds(evaluator: Evaluator, check: Check, values: Mapping[str, Any]) -> bool:
    """Whether a condition is what it must be; one that cannot be evaluated, or needs other values, says nothing."""
    test, wanted = check
    scope = Scope(evaluator.globals, dict(values))
    before = dict(evaluator.assumed), dict(evaluator.assumed_paths)
    try:
        holds = evaluator.is_true(evaluator.evaluate(test, scope)) is wanted
    except MISFITS:
        return True
    if evaluator.assumed_paths != before[1]:  # such as `self.width`, which the constructor is yet to make
        evaluator.assumed, evaluator.assumed_paths = before
        return True
    return holds


def _numbers(value: Any, others: Mapping[str, Any]) -> list[int]:
    """Integers to try in the place of one, the nearest first: small ones, and multiples of the other arguments."""
    if type(value) is not int or value < 1:
        return []
    multiples = {n * other for other in others.values() if type(other) is int and other > 1 for n in (1, 2, 4, 8)}
    return sorted({*LADDER, *multiples} - {value}, key=lambda one: (abs(math.log(one / value)), one))
