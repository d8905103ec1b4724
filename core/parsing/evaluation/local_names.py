"""Names that belong to a function because it gives them a value somewhere: before that they have none."""

from __future__ import annotations

import ast

from core.parsing.clean.per_node import OncePerNode
from core.parsing.clean.syntax import all_nodes, children
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


def rebound(function: ast.AST) -> frozenset[str]:
    """Names that a function gives another value to before it uses them, whatever it is called with.

    >>> sorted(rebound(ast.parse("def f(a, b):\\n  a = Net()\\n  b = Wrapped(b)").body[0]))
    ['a']
    """
    found: set[str] = set()
    used: set[str] = set()
    for statement in function.body if isinstance(function, ast.FunctionDef) else []:
        names = {
            part.id for part in all_nodes(statement) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)
        }
        used |= names - found
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]) if name not in used:
                found.add(name)
    return frozenset(found)
