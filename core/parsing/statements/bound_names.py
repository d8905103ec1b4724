"""Where a text gives a name a value that is not made of its old one: before that line the name has none."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from core.parsing.clean.syntax import all_nodes

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def bound_anew(tree: ast.Module, name: str, line: int) -> int:
    """The first line that gives a name a value anew in the scope in which another line stands, 0 if there is none.

    >>> bound_anew(ast.parse("x = norm(x)\\nx = conv(t)"), "x", 1), bound_anew(ast.parse("x = norm(x)"), "x", 1)
    (2, 0)
    """
    for statement in _statements(_scope_of(tree, line).body):
        if name in _stored(statement) and not any(_loads(part, name) for part in all_nodes(statement)):
            return statement.lineno
    return 0


def _scope_of(tree: ast.Module, line: int) -> ast.Module | ast.FunctionDef:
    """The innermost function in which a line stands, or the text."""
    functions = [one for one in all_nodes(tree) if isinstance(one, ast.FunctionDef)]
    around = [one for one in functions if one.lineno < line <= (one.end_lineno or one.lineno)]
    return max(around, key=lambda one: one.lineno, default=tree)


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a scope, those of blocks after their own, without what definitions hold."""
    pending = list(reversed(body))
    while pending:
        statement = pending.pop()
        if isinstance(statement, DEFINITIONS):
            continue
        yield statement
        blocks = [getattr(statement, name, []) for name in ("finalbody", "orelse", "body")]
        pending += [one for block in blocks for one in reversed(block)]


def _stored(statement: ast.stmt) -> list[str]:
    """Names that an assignment, a loop or a `with` itself gives a value."""
    match statement:
        case ast.Assign(targets=targets):
            places: list[ast.expr] = targets
        case ast.AnnAssign(target=target) | ast.For(target=target):
            places = [target]
        case ast.With(items=items):
            places = [item.optional_vars for item in items if item.optional_vars is not None]
        case _:
            return []
    return [part.id for place in places for part in ast.walk(place) if isinstance(part, ast.Name)]


def _loads(part: ast.AST, name: str) -> bool:
    return isinstance(part, ast.Name) and part.id == name and isinstance(part.ctx, ast.Load)
