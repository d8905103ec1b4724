"""Values that an argument's type tells: one of `Literal[8, 16]`, as many numbers as `tuple[int, int, int]` has."""

from __future__ import annotations

import ast
from typing import Any

from core.parsing.evaluation.core import FALLBACK
from core.parsing.evaluation.values import MISSING
from core.parsing.open_values.argument_traits import last_word
from core.parsing.open_values.assumptions import IMAGE, Usual, usual_sequence
from core.parsing.open_values.item_counts import lengthened

NUMBERS = ("int", "float")
MOST_NUMBERS = 16  # of one argument


def annotated_value(name: str, annotation: str, usual: Usual) -> Any:
    """A value of the type that an argument is said to have, `MISSING` where the type leaves it open.

    >>> annotated_value("stride", "Literal[8, 16]", lambda name: 1)
    8
    >>> annotated_value("kernel_size", "Tuple[int, int, int]", lambda name: 3)
    (3, 3, 3)
    >>> annotated_value("sizes", "tuple[int, ...]", lambda name: 3) is MISSING
    True
    """
    try:
        node = ast.parse(annotation, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return MISSING
    match node:
        case ast.Subscript(value=kind, slice=ast.Tuple(elts=[first, *_]) | (ast.Constant() as first)) if last_word(
            kind
        ) == "Literal" and isinstance(first, ast.Constant):
            return first.value
        case ast.Subscript(value=kind, slice=ast.Tuple(elts=items)) if last_word(kind) in ("tuple", "Tuple"):
            is_numbers = all(isinstance(one, ast.Name) and one.id in NUMBERS for one in items[:MOST_NUMBERS])
            return _numbers(name, len(items), usual) if is_numbers and len(items) <= MOST_NUMBERS else MISSING
    return MISSING


def _numbers(name: str, count: int, usual: Usual) -> tuple[Any, ...]:
    """So many numbers: the usual one again and again, the last ones of a usual shape."""
    number = usual(name)
    if type(number) in (int, float):
        return (number,) * count
    sequence = usual_sequence(name)
    known = sequence[-count:] if sequence == IMAGE else sequence[:count]
    return lengthened(known, count) or (FALLBACK,) * count
