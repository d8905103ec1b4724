"""What functions read of their `**settings`, and hand on of them."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from core.parsing.argument_usage import kept_in
from core.parsing.clean.syntax import all_nodes
from core.parsing.listed_numbers import place_of


def keywords_read(settings: str, function: ast.AST, others: Iterable[ast.AST] = ()) -> list[str]:
    """What a function must find among its `**settings`, in the order of the text.

    >>> keywords_read("kw", ast.parse("size = kw['size']; drop = kw.get('drop'); depth = kw.pop('depth')"))
    ['size', 'depth']
    """
    own = list(all_nodes(function))
    kept = [place for part in own for place in kept_in(settings, part)]
    nodes = [*own, *(part for node in others if kept for part in all_nodes(node))]
    places = {settings, *kept}
    calls = [part for part in nodes if isinstance(part, (ast.Subscript, ast.Call))]
    found = [(part.lineno, part.col_offset, key) for part in calls if (key := _key_read(places, part))]
    return list(dict.fromkeys(key for *_, key in sorted(found)))


def passed_on(settings: str, function: ast.AST) -> tuple[int, set[str]] | None:
    """How many arguments stand before `**settings` in `super().__init__(...)`, and which names it is given besides.

    >>> passed_on("kw", ast.parse("super().__init__(8, *args, width=4, **kw)"))
    (1, {'width'})
    """
    names: set[str] = set()
    count = None
    for part in all_nodes(function):
        match part:
            case ast.Subscript(value=ast.Name(id=owner), slice=ast.Constant(value=str() as key), ctx=ast.Store()):
                names |= {key} if owner == settings else set()
            case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__"), args=args):
                given = {key.arg for key in part.keywords if key.arg}
                if any(key.arg is None and place_of(key.value) == settings for key in part.keywords):
                    count = sum(not isinstance(one, ast.Starred) for one in args)
                    names |= given
    return None if count is None else (count, names)


def _key_read(places: set[str], part: ast.AST) -> str:
    match part:
        case ast.Subscript(value=owner, slice=ast.Constant(value=str() as key), ctx=ast.Load()):
            return key if place_of(owner) in places else ""
        case ast.Call(func=ast.Attribute(value=owner, attr="pop"), args=[ast.Constant(value=str() as key)]):
            return key if place_of(owner) in places else ""
    return ""
