"""Lists of numbers that one formula gives, such as a table of positions: worked out for all items at once.

numpy applies Python's own operators to Python's own numbers (dtype object), so each item is what Python gives.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from core.parsing.evaluation.budget import MAX_NUMBER
from core.parsing.evaluation.operator_tables import OPERATORS, SIGNS
from core.parsing.evaluation.plain_operands import MAX_POWER

FEWEST = 32  # items; fewer are evaluated one by one
MAX_BASE = 10**6
FUNCTIONS = ("sin", "cos", "exp", "log", "sqrt", "floor", "ceil")  # of math, and of numpy under the same names
POWERS = ("pow", "power")
ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)


class Unsuitable(Exception):
    """The formula has to be evaluated item by item."""


def tabulated(formula: ast.expr, name: str, items: range, find: Callable[[str], Any]) -> list[Any] | None:
    """The formula's value for each item under `name`, None where it is more than arithmetic or leaves the bounds.

    >>> tabulated(ast.parse("i ** 2 // 3", mode="eval").body, "i", range(40), {}.get)[:5]
    [0, 0, 1, 3, 5]
    """
    if len(items) < FEWEST:
        return None
    known: Mapping[str, Any] = {name: np.array(items, dtype=object)}
    try:
        values = _value(formula, lambda one: known[one] if one in known else find(one))
    except (Unsuitable, ArithmeticError, ValueError):
        return None
    listed = values.tolist() if isinstance(values, np.ndarray) else [values] * len(items)
    return listed if set(map(type, listed)) <= {int, float} else None


def _value(node: ast.expr, find: Callable[[str], Any]) -> Any:
    match node:
        case ast.Constant(value=value) if type(value) in (int, float):
            return value
        case ast.Name(id=name):
            value = find(name)
            if type(value) in (int, float, np.ndarray):
                return value
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            return SIGNS[type(sign)](_value(operand, find))
        case ast.BinOp(op=sign, left=left, right=right) if isinstance(sign, ARITHMETIC):
            one, two = _value(left, find), _value(right, find)
            result = _powered(one, two) if isinstance(sign, ast.Pow) else OPERATORS[type(sign)][0](one, two)
            if not _largest(result) <= MAX_NUMBER:
                raise Unsuitable
            return result
        case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=name), args=args, keywords=[]):
            return _called(find(owner), name, [_value(argument, find) for argument in args])
    raise Unsuitable


def _called(owner: Any, name: str, values: list[Any]) -> Any:
    """`math.sin(x)` for each item, and `np.power(x, y)`."""
    if getattr(owner, "name", "") not in ("math", "numpy") or name not in (*FUNCTIONS, *POWERS):
        raise Unsuitable
    if name in POWERS and len(values) == 2:
        return _powered(*values)
    if len(values) != 1:
        raise Unsuitable
    function = getattr(math, name)
    one = values[0]
    return np.array([function(v) for v in one], dtype=object) if isinstance(one, np.ndarray) else function(one)


def _powered(one: Any, two: Any) -> Any:
    if _largest(one) > MAX_BASE or _largest(two) > MAX_POWER:
        raise Unsuitable
    return one**two


def _largest(value: Any) -> float:
    return max(map(abs, value)) if isinstance(value, np.ndarray) else abs(value)


def calls_range(node: ast.Call) -> bool:
    """Whether an expression is `range(...)`."""
    return isinstance(node.func, ast.Name) and node.func.id == "range"
