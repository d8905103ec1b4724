"""Names that belong to a function because it gives them a value somewhere: before that they have none."""

from __future__ import annotations

import ast

from core.parsing.clean.per_node import OncePerNode
from core.parsing.clean.syntax import children
from core.parsing.evaluation.lazy_items import DEFINITIONS
from core.parsing.evaluation.values import Scope

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@OncePerNode
def local_names(function: ast.FunctionDef | ast.Lambda) -> frozenset[str]:
    """Those of one function, not of those inside of it.

    >>> sorted(local_names(ast.parse("def f(a):\\n  global b\\n  b = c = [d for d in a]").body[0]))
    ['c']
    """
    if isinstance(function, ast.Lambda):
        return frozenset()
    found: set[str] = set()
    elsewhere: set[str] = set()
    inside: list[ast.AST] = list(function.body)
    while inside:
        part = inside.pop()
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            found.add(part.id)
        elif isinstance(part, (ast.Global, ast.Nonlocal)):
            elsewhere.update(part.names)
        if not isinstance(part, (*DEFINITIONS, *COMPREHENSIONS)):
            inside += children(part)
    return frozenset(found - elsewhere)


def is_local(name: str, scope: Scope) -> bool:
    """Whether a name belongs to the function around a place."""
    around: Scope | None = scope
    while around is not None and not around.local_names:
        around = around.outer if around.is_comprehension else None
    return around is not None and name in around.local_names
