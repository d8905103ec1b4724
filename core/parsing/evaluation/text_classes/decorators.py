"""Decorators: what stands above a function or class of the text and makes something else of it.

Those of the text itself are called, as Python calls them. Those of other packages (`@torch.no_grad()`, `@dataclass`,
`@register_model`) change nothing that a network has.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import Any

from core.parsing.evaluation.core import Core
from core.parsing.evaluation.library.dispatching import Dispatch
from core.parsing.evaluation.values import (
    MISSING,
    Bound,
    Class,
    Decorator,
    Function,
    Instance,
    Namespace,
    Partial,
    Scope,
    Type,
    Unknown,
)

KINDS = {
    **{name: name for name in ("staticmethod", "classmethod", "property", "cached_property")},
    **{"abstractproperty": "property", "functools.cached_property": "cached_property"},
}
ACCESSORS = ("getter", "setter", "deleter")  # of a property
CACHES = ("lru_cache", "functools.lru_cache", "cache", "functools.cache")


@dataclass(eq=False)
class Decorated(Function):
    """A function that a decorator has made of another one."""

    wraps: Function | None = None
    setter: Function | None = None  # of a property
    deleter: Function | None = None
    memo: dict[Any, Any] | None = None  # what it has returned, by its arguments


class Decorators(Core):
    """Adds decorators to the evaluator."""

    def decorated(self, made: Any, node: ast.FunctionDef | ast.ClassDef, scope: Scope) -> Any:
        """What the decorators make of a function or class, the lowest first."""
        for decorator in reversed(node.decorator_list):
            made = self._decorate(made, decorator, scope)
        return made

    def _decorate(self, made: Any, decorator: ast.expr, scope: Scope) -> Any:
        said = ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator)
        if isinstance(made, Function):
            if said in KINDS:
                made.kind = KINDS[said]
                return made
            if said in CACHES:
                return cached(made)
            if isinstance(decorator, ast.Attribute) and decorator.attr in ACCESSORS:
                return _with_accessor(made, decorator.attr, self.evaluate(decorator.value, scope))
        if _library_decorator(decorator, scope) is None and not is_of_text(decorator, scope):
            return made
        result = self.call(self.evaluate(decorator, scope), [made], {}, decorator)
        if not isinstance(result, Function) or result is made or not isinstance(made, Function):
            return result
        return made if _hands_through(result, made) else _as_decorated(result, name=made.name, wraps=made)

    def property_of(self, getter: Any, setter: Any) -> Any:
        """`property(getter, setter)`."""
        return property_of(getter, setter) if isinstance(getter, Function) else getter

    def evaluate(self, node: ast.expr, scope: Scope) -> Any:
        """The value of an expression."""
        raise NotImplementedError

    def call(self, function: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None = None) -> Any:
        """What a call gives."""
        raise NotImplementedError


def property_of(getter: Function, setter: Any) -> Decorated:
    """What `property(getter, setter)` is."""
    return _as_decorated(getter, kind="property", setter=setter if isinstance(setter, Function) else None)


def cached(function: Any) -> Any:
    """The function with what it has returned for arguments that it has met."""
    return _as_decorated(function, memo={}) if isinstance(function, Function) else function


def owned_by(cls: Class, function: Function) -> list[Function]:
    """A method of a class that has none yet, and the functions that decorators have made it of."""
    parts = (getattr(function, name, None) for name in ("wraps", "setter", "deleter"))
    inner = [one for one in parts if one is not None]
    found = [one for each in inner for one in owned_by(cls, each)]
    return [function, *found] if function.owner is None else found


def _as_decorated(function: Function, **changes: Any) -> Decorated:
    if isinstance(function, Decorated):
        return replace(function, **changes)
    fields = {name: getattr(function, name) for name in Function.__dataclass_fields__}
    return Decorated(**(fields | changes))


def _with_accessor(made: Function, role: str, before: Any) -> Any:
    """The property with another getter, setter or deleter."""
    if not isinstance(before, Function):
        return before
    if role != "getter":
        return _as_decorated(before, **{role: made})
    others = {name: getattr(before, name, None) for name in ("setter", "deleter")}
    return _as_decorated(made, kind=before.kind, **others)


def is_of_text(decorator: ast.expr, scope: Scope) -> bool:
    """Whether an expression begins with a function, class or object of the text."""
    root: Any = decorator
    while isinstance(root, (ast.Attribute, ast.Call)):
        root = root.func if isinstance(root, ast.Call) else root.value
    value = scope.find(root.id) if isinstance(root, ast.Name) else None
    return isinstance(value, (Function, Class, Instance, Partial, Bound, Dispatch)) and getattr(value, "line", 1) > 0


def _library_decorator(decorator: ast.expr, scope: Scope) -> Decorator | None:
    """A function of Python's library that makes something else of what stands below, under whatever name it comes."""
    match decorator:
        case ast.Attribute(value=ast.Name(id=name), attr=attr):
            space = scope.find(name)
            found = space.members.get(attr) if isinstance(space, Namespace) else None
        case ast.Name(id=name):
            found = scope.find(name)
        case _:
            return None
    return found if isinstance(found, Decorator) else None


def _hands_through(wrapper: Function, wrapped: Function) -> bool:
    """Whether a wrapper returns what the wrapped function does and changes nothing, as one that measures its time."""
    if wrapper.names or not _keeps_arguments(wrapper):
        return False
    names = [name for name, value in wrapper.scope.names.items() if value is wrapped]
    nodes = list(ast.walk(wrapper.node))
    entered = [item.context_expr for part in nodes if isinstance(part, ast.With) for item in part.items]
    if any(is_of_text(one, wrapper.scope) for one in entered):
        return False
    results = [
        part.targets[0].id
        for part in nodes
        if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name) and _calls(part.value, names)
    ]
    stored = [part.id for part in nodes if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]
    only_read = [name for name in results if stored.count(name) == 1]
    returns = [part for part in nodes if isinstance(part, ast.Return)]
    return bool(returns) and all(
        _calls(one.value, names) or (isinstance(one.value, ast.Name) and one.value.id in only_read) for one in returns
    )


def _keeps_arguments(wrapper: Function) -> bool:
    """Whether a wrapper uses `*args` and `**kwargs` only to hand them on, and touches nothing else of the text."""
    spec = wrapper.node.args
    own = [one.arg for one in (spec.vararg, spec.kwarg) if one is not None]
    handed: set[int] = set()
    for part in ast.walk(wrapper.node):
        match part:
            case ast.Starred(value=ast.Name() as name) | ast.keyword(arg=None, value=ast.Name() as name):
                handed.add(id(name))
            case ast.Nonlocal() | ast.Global() | ast.Yield() | ast.YieldFrom():
                return False
            case ast.Attribute() | ast.Subscript() if _is_of_value(part, wrapper.scope):
                return False
    loads = [part for part in ast.walk(wrapper.node) if isinstance(part, ast.Name) and part.id in own]
    return len(own) == 2 and all(id(part) in handed for part in loads)


def _is_of_value(part: ast.expr, scope: Scope) -> bool:
    """Whether an attribute or item is one of a list, an object or a network of the text."""
    root: ast.expr = part
    while isinstance(root, (ast.Attribute, ast.Subscript)):
        root = root.value
    value = scope.find(root.id) if isinstance(root, ast.Name) else MISSING
    is_name = isinstance(part, ast.Attribute) and part.attr[:2] == "__"
    return value is not MISSING and not isinstance(value, (Unknown, Namespace, Type)) and not is_name


def _calls(node: ast.expr | None, names: list[str]) -> bool:
    """`function(*args, **kwargs)`."""
    match node:
        case ast.Call(
            func=ast.Name(id=name),
            args=[ast.Starred(value=ast.Name())],
            keywords=[ast.keyword(arg=None, value=ast.Name())],
        ):
            return name in names
    return False
