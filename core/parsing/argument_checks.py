"""What a function checks of its arguments before it goes on: `assert length % patch == 0`, `if n < 1: raise ...`.

Values that are assumed for its arguments are changed until such checks hold.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from typing import Any

from core.parsing.evaluation.core import MISFITS
from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.values import Scope
from core.parsing.network_values import names_in

MAX_CHECKS = 12
LADDER = (1, 2, 3, 4, 8, 10, 16, 32, 64, 100, 128, 256, 512)


def fitting(
    evaluator: Evaluator, function: ast.AST, values: Mapping[str, Any], fixed: Mapping[str, Any]
) -> dict[str, Any]:
    """The values with as few integers changed as the function's checks want.

    Args: `fixed` are arguments that stay what they are, such as those with a default.
    """
    made = dict(values)
    checks = [check for check in _checks(function) if names_in(check[0]) & set(values)][:MAX_CHECKS]
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


def _checks(function: ast.AST) -> list[tuple[ast.expr, bool]]:
    """The conditions at the beginning of a function, and what each must be."""
    found = []
    for statement in getattr(function, "body", ()) if isinstance(function, ast.FunctionDef) else ():
        match statement:
            case ast.Assert(test=test):
                found.append((test, True))
            case ast.If(test=test, body=[ast.Raise()], orelse=[]):
                found.append((test, False))
    return found


def _holds(evaluator: Evaluator, check: tuple[ast.expr, bool], values: Mapping[str, Any]) -> bool:
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
