"""Numbers, strings and lists that an operator combines: what would grow beyond all bounds is refused first."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from core.parsing.evaluation.lazy_items import VIEWS
from core.parsing.evaluation.values import type_name

if TYPE_CHECKING:
    from core.parsing.evaluation.core import Core

PLAIN = (int, float, complex, str, list, tuple, dict, set, frozenset, type(None), range, slice, *VIEWS)
MAX_POWER = 64


def check_plain(evaluator: Core, sign: ast.operator, left: Any, right: Any, node: ast.AST) -> None:
    """Refuses what would grow beyond all bounds, before it is made, and what is no number, string or list."""
    for value in (left, right):
        if not isinstance(value, PLAIN) or value is None:
            sentence = f"only numbers, strings, lists and tensors can be combined here, not {type_name(value)}."
            raise evaluator.fail(node, sentence, TypeError if value is None else None)
    match sign:
        case ast.Mult():
            for many, times in ((left, right), (right, left)):
                if isinstance(many, (str, list, tuple)) and isinstance(times, int):
                    evaluator.budget.size(len(many) * max(times, 0), node)
        case ast.Add() if isinstance(left, (str, list, tuple)) and isinstance(right, (str, list, tuple)):
            evaluator.budget.size(len(left) + len(right), node)
        case ast.Pow() if abs(right) > MAX_POWER or abs(left) > 10**6:
            raise evaluator.fail(node, "this power is too large; write the number itself.")
        case ast.LShift() if isinstance(right, int) and right > MAX_POWER:
            raise evaluator.fail(node, "this shift is too large; write the number itself.")
