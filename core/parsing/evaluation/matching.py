"""Python's `match` statement: whether a value fits a pattern, and what the pattern binds."""

from __future__ import annotations

import ast
from typing import Any

from core.parsing.evaluation.builtins import is_instance
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.exceptions import TextError
from core.parsing.evaluation.text_classes.records import record_fields
from core.parsing.evaluation.values import MISSING, Class, Scope, Type, type_name


def matches(evaluator: Any, pattern: ast.pattern, value: Any, scope: Scope) -> bool:
    """Whether the value fits; names in the pattern are bound in the scope as far as it does.

    Raises: ParseError for patterns of classes whose attributes have no names.
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
        case ast.MatchSequence(patterns=patterns):
            return isinstance(value, (list, tuple)) and _matches_items(evaluator, patterns, value, scope)
        case ast.MatchMapping(keys=keys, patterns=patterns, rest=rest):
            return isinstance(value, dict) and _matches_pairs(evaluator, (keys, patterns, rest), value, scope)
        case ast.MatchClass(cls=kind):
            return _matches_object(evaluator, pattern, value, evaluator.evaluate(kind, scope), scope)
    raise evaluator.fail(pattern, "this pattern of match cannot be evaluated here: write if and elif.")


def _matches_object(evaluator: Any, pattern: ast.MatchClass, value: Any, kind: Any, scope: Scope) -> bool:
    """`Conv(width, stride=2)`: attributes by their place in the class, and by their names."""
    if not is_instance(BuiltinCall(evaluator, pattern, "match"), value, kind):
        return False
    if isinstance(kind, Type) and len(pattern.patterns) == 1 and not pattern.kwd_attrs:  # `int(n)`
        return matches(evaluator, pattern.patterns[0], value, scope)
    places = _places(kind) if pattern.patterns else ()
    if len(pattern.patterns) > len(places):
        raise evaluator.fail(pattern, f"{type_name(kind)} has {len(places)} attributes that are known by their place.")
    pairs = [*zip(places, pattern.patterns, strict=False), *zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True)]
    return all(_has(evaluator, one, name, value, scope) for name, one in pairs)


def _places(kind: Any) -> tuple[str, ...]:
    if not isinstance(kind, Class):
        return ()
    said = kind.find("__match_args__")
    return record_fields(kind) if said is MISSING else tuple(said)


def _has(evaluator: Any, pattern: ast.pattern, name: str, value: Any, scope: Scope) -> bool:
    try:
        found = evaluator.get_attribute(value, name, pattern)
    except TextError:
        return False
    return matches(evaluator, pattern, found, scope)


def _matches_items(evaluator: Any, patterns: list[ast.pattern], value: Any, scope: Scope) -> bool:
    """`[first, *rest]`."""
    star = next((index for index, one in enumerate(patterns) if isinstance(one, ast.MatchStar)), None)
    items = list(value)
    if star is not None and len(items) >= len(patterns) - 1:
        end = len(items) - (len(patterns) - 1 - star)
        name = getattr(patterns[star], "name", None)
        if name is not None:
            scope.names[name] = items[star:end]
        patterns, items = patterns[:star] + patterns[star + 1 :], items[:star] + items[end:]
    elif star is not None:
        return False
    return len(items) == len(patterns) and all(
        matches(evaluator, one, item, scope) for one, item in zip(patterns, items, strict=True)
    )


def _matches_pairs(evaluator: Any, pattern: tuple[Any, Any, Any], value: dict[Any, Any], scope: Scope) -> bool:
    """`{"kind": "conv", **rest}`."""
    keys, patterns, rest = pattern
    known = [evaluator.evaluate(key, scope) for key in keys]
    if not all(
        key in value and matches(evaluator, one, value[key], scope) for key, one in zip(known, patterns, strict=True)
    ):
        return False
    if rest is not None:
        scope.names[rest] = {key: one for key, one in value.items() if key not in known}
    return True
