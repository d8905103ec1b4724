"""How many items a sequence needs that a text reads by number: `channels[3]` and `channels[-4]` need four."""

from __future__ import annotations

import ast
from collections.abc import Container, Mapping
from typing import Any

from core.parsing.open_values.assumptions import IMAGE
from core.parsing.open_values.listed_numbers import place_of

MOST = 16


def long_enough(values: Mapping[str, Any], function: ast.AST, given: Container[str]) -> dict[str, tuple[Any, ...]]:
    """Sequences that were taken for arguments, with as many items as the function asks for."""
    taken = {name: one for name, one in values.items() if type(one) is tuple and one != IMAGE and name not in given}
    return {name: lengthened(one, needed_items(name, function)) for name, one in taken.items()}


def needed_items(name: str, function: ast.AST) -> int:
    """The fewest items with which each number that an argument is asked for by is there.

    >>> needed_items("channels", ast.parse("def f(channels): return channels[-4] + channels[0]").body[0])
    4
    """
    indices = [
        one.slice for one in ast.walk(function) if isinstance(one, ast.Subscript) and place_of(one.value) == name
    ]
    return max([0, *(_count(index) for index in indices)])


def _count(index: ast.expr) -> int:
    match index:
        case ast.Constant(value=value) if type(value) is int and value < MOST:
            return value + 1
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=value)) if type(value) is int and value <= MOST:
            return value
    return 0


def lengthened(values: tuple[Any, ...], count: int) -> tuple[Any, ...]:
    """As many values as that at least: widths go on to double, others stay as the last is.

    >>> lengthened((32, 64, 128), 4), lengthened((3, 3, 3), 4)
    ((32, 64, 128, 256), (3, 3, 3, 3))
    """
    grows = len(values) > 1 and type(values[-1]) is int and values[-1] == 2 * values[-2]
    while values and len(values) < count:
        values += (values[-1] * 2 if grows else values[-1],)
    return values
