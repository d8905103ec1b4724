"""Loops that only fill a tensor with numbers, such as a table of positions: their first and last turn tell all of it.

The numbers in a tensor without memory are not kept, so the turns between change nothing that a network is built from.
"""

from __future__ import annotations

import ast

from core.parsing.clean.per_node import OncePerNode
from core.parsing.clean.syntax import all_nodes

FEWEST = 8  # turns; fewer are evaluated one by one
PURE_OWNERS = ("math", "np", "numpy", "torch")
PURE = ("int", "float", "abs", "min", "max", "round", "len")


@OncePerNode  # an inner loop comes by the same one again and again
def filled_by(loop: ast.For) -> tuple[ast.expr, ...]:
    """What the items of a loop are written into; nothing if it does more than that.

    >>> loop = ast.parse("for i in range(9):\\n    t = i / 2\\n    pe[0, i] = math.sin(t)").body[0]
    >>> [ast.unparse(place) for place in filled_by(loop)]
    ['pe']
    >>> loop = ast.parse("for i in range(9):\\n    for j in range(9):\\n        table[i][j] = i - j").body[0]
    >>> [ast.unparse(place) for place in filled_by(loop)]
    ['table']
    """
    places: list[ast.expr] = []
    return tuple(places) if not loop.orelse and _only_fills(loop.body, set(), places) else ()


def _only_fills(body: list[ast.stmt], known: set[str], places: list[ast.expr]) -> bool:
    own = {name for one in body for name in _stored(one)}
    for statement in body:
        match statement:
            case ast.Assign(targets=[ast.Subscript(value=place, slice=index)], value=value):
                if not _is_pure(value) or not _is_pure(index) or not _is_pure(place):
                    return False
                while isinstance(place, ast.Subscript):
                    place = place.value  # of `table[i][j]` the table, which a loop's own names do not choose
                places.append(place)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                if not _is_pure(value) or own & _names(value) - known:
                    return False  # it goes on from the turn before
                known = known | {name}
            case ast.For(target=ast.Name(id=name), iter=ast.Call(func=ast.Name(id="range"), args=args), orelse=[]):
                if not all(map(_is_pure, args)) or not _only_fills(statement.body, known | {name}, places):
                    return False
            case ast.If(test=test):
                branches = (statement.body, statement.orelse)
                if not _is_pure(test) or not all(_only_fills(one, known, places) for one in branches):
                    return False
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                pass
            case _:
                return False
    return True


def _stored(node: ast.stmt) -> list[str]:
    return [part.id for part in all_nodes(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]


def _names(node: ast.expr) -> set[str]:
    return {part.id for part in all_nodes(node) if isinstance(part, ast.Name)}


def _is_pure(node: ast.expr) -> bool:
    """Whether an expression calls nothing but functions of numbers, and sets nothing."""
    for part in all_nodes(node):
        match part:
            case ast.Call(func=ast.Name(id=name)) if name in PURE:
                pass
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner))) if owner in PURE_OWNERS:
                pass
            case ast.Call() | ast.NamedExpr() | ast.Lambda() | ast.Yield():
                return False
    return True
