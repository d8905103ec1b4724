"""Python's `match` statement: whether a value fits a pattern, and what the pattern binds."""

from __future__ import annotations

import ast
from typing import Any

from core.parsing.evaluation.builtins import is_instance
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Scope


def matches(evaluator: Any, pattern: ast.pattern, value: Any, scope: Scope) -> bool:
    """Whether the value fits; names in the pattern are bound in the scope as far as it does.

    Raises: ParseError for patterns of mappings and of classes with attributes.
    """
    evaluator.budget.step(pattern)
    match pattern:
        case ast.MatchValue(value=expected):
            return evaluator.is_true(
                evaluator.compared(ast.Eq(), value, evaluator.evaluate(expected, scope), pattern), pattern
            )
        case ast.MatchSingleton(value=expected):
            return value is expected
        case ast.MatchOr(patterns=patterns):
            return any(matches(evaluator, one, value, scope) for one in patterns)
        case ast.MatchAs(pattern=inner, name=name):
            if inner is not None and not matches(evaluator, inner, value, scope):
                return False
            if name is not None:
                scope.names[name] = value
            return True
        case ast.MatchSequence(patterns=patterns) if not any(isinstance(one, ast.MatchStar) for one in patterns):
            if not isinstance(value, (list, tuple)) or len(value) != len(patterns):
                return False
            return all(matches(evaluator, one, item, scope) for one, item in zip(patterns, value, strict=True))
        case ast.MatchClass(cls=kind, patterns=[], kwd_attrs=[]):
            return is_instance(BuiltinCall(evaluator, pattern, "match"), value, evaluator.evaluate(kind, scope))
    raise evaluator.fail(pattern, "this pattern of match cannot be evaluated here: write if and elif.")
