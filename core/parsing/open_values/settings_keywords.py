"""What functions read of their `**settings`, and hand on of them."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from inspect import signature
from typing import Any

from torch import nn

from core.parsing.clean.syntax import all_nodes
from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.values import Class, Function, Namespace, Type
from core.parsing.open_values.argument_usage import kept_in
from core.parsing.open_values.listed_numbers import place_of

MOST_HANDED_ON = 3  # one to another


def keywords_read(settings: str, function: ast.AST, others: Iterable[ast.AST] = ()) -> list[str]:
    """What a function must find among its `**settings`, in the order of the text: not what it asks for first.

    >>> keywords_read("kw", ast.parse("size = kw['size']; drop = kw.get('drop'); depth = kw.pop('depth')"))
    ['size', 'depth']
    >>> keywords_read("kw", ast.parse("if 'drop' in kw.keys(): drop = kw['drop']"))
    []
    """
    own = list(all_nodes(function))
    kept = [place for part in own for place in kept_in(settings, part)]
    nodes = [*own, *(part for node in others if kept for part in all_nodes(node))]
    places = {settings, *kept}
    calls = [part for part in nodes if isinstance(part, (ast.Subscript, ast.Call))]
    found = [(part.lineno, part.col_offset, key) for part in calls if (key := _key_read(places, part))]
    optional = {_key_asked_for(places, part) for part in nodes if isinstance(part, ast.Compare)}
    return list(dict.fromkeys(key for *_, key in sorted(found) if key not in optional))


def keywords_needed(
    evaluator: Evaluator, settings: str, function: ast.AST, others: Iterable[ast.AST] = ()
) -> list[str]:
    """The same, and what the layers and classes need that it hands its `**settings` on to."""
    read = keywords_read(settings, function, others)
    return list(dict.fromkeys((*read, *_needed_by_callees(evaluator, settings, function))))


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


def _needed_by_callees(evaluator: Evaluator, settings: str, function: ast.AST, depth: int = 0) -> list[str]:
    """Arguments without default of layers and of the text's own classes and functions that are given `**settings`."""
    found: list[str] = []
    set_here = _set_in(settings, function)
    for part in all_nodes(function):
        if not isinstance(part, ast.Call) or not _is_handed_on(settings, part) or depth == MOST_HANDED_ON:
            continue
        given = {key.arg for key in part.keywords} | set_here
        names, rest, node = _parameters(_callee(evaluator, part.func))
        found += [name for name in names[len(part.args) :] if name not in given]
        if rest and node is not None:
            inner = _needed_by_callees(evaluator, rest, node, depth + 1)
            found += [name for name in inner if name not in given]
    return list(dict.fromkeys(found))


def _is_handed_on(settings: str, call: ast.Call) -> bool:
    is_spread = any(isinstance(one, ast.Starred) for one in call.args)
    return not is_spread and any(key.arg is None and place_of(key.value) == settings for key in call.keywords)


def _set_in(settings: str, function: ast.AST) -> set[str]:
    """Names that a function itself puts among its settings."""
    found: set[Any] = set()
    for part in all_nodes(function):
        match part:
            case ast.Subscript(value=owner, slice=ast.Constant(value=key), ctx=ast.Store()):
                found |= {key} if place_of(owner) == settings else set()
            case ast.Call(
                func=ast.Attribute(value=owner, attr="setdefault"), args=[ast.Constant(value=str() as key), *_]
            ):
                found |= {key} if place_of(owner) == settings else set()
            case ast.Call(func=ast.Attribute(value=owner, attr="update")) if place_of(owner) == settings:
                found |= {key.arg for key in part.keywords if key.arg}
    return found


def _callee(evaluator: Evaluator, function: ast.expr) -> Any:
    """What a call runs, where a name of the text or of a module says it."""
    match function:
        case ast.Name(id=name):
            return evaluator.globals.find(name)
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            space = evaluator.globals.find(owner)
            return space.members.get(name) if isinstance(space, Namespace) else None
    return None


def _parameters(callee: Any) -> tuple[list[str], str, ast.AST | None]:
    """Names of arguments in order, those with a default left blank; that of `**settings`, and the definition."""
    if isinstance(callee, Type) and issubclass(callee.cls[0], nn.Module):
        parameters = list(signature(callee.cls[0]).parameters.values())
        fixed = [one for one in parameters if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)]
        return [one.name if one.default is one.empty else "" for one in fixed], "", None
    init = callee.find("__init__") if isinstance(callee, Class) else callee
    if not isinstance(init, Function):
        return [], "", None
    spec = init.node.args
    names = [one.arg for one in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)][isinstance(callee, Class) :]
    names = ["" if name in init.defaults else name for name in names]
    return names, spec.kwarg.arg if spec.kwarg is not None else "", init.node


def _key_read(places: set[str], part: ast.AST) -> str:
    match part:
        case ast.Subscript(value=owner, slice=ast.Constant(value=str() as key), ctx=ast.Load()):
            return key if place_of(owner) in places else ""
        case ast.Call(func=ast.Attribute(value=owner, attr="pop"), args=[ast.Constant(value=str() as key)]):
            return key if place_of(owner) in places else ""
    return ""


def _key_asked_for(places: set[str], part: ast.Compare) -> str:
    match part:
        case ast.Compare(left=ast.Constant(value=str() as key), ops=[ast.In()], comparators=[owner]):
            is_keys = (
                isinstance(owner, ast.Call) and isinstance(owner.func, ast.Attribute) and owner.func.attr == "keys"
            )
            return key if place_of(owner.func.value if is_keys else owner) in places else ""  # type: ignore[attr-defined]
    return ""
