"""Names of a text and their values, from the inside out."""

from __future__ import annotations

import ast
from typing import Any

MISSING = object()


class Shared:
    """A definition: a copy of the network that uses it has the same one."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self


class Scope(Shared):
    """Names and their values; `outer` is where those are looked up that are not here."""

    def __init__(self, outer: Scope | None = None, names: dict[str, Any] | None = None, is_class: bool = False):
        self.names: dict[str, Any] = {} if names is None else names
        self.outer = outer
        self.is_class = is_class
        self.is_comprehension = False  # whose loops assign here, and `:=` outside
        self.elsewhere: dict[str, Scope] = {}  # names declared global or nonlocal
        self.owner: Any = None  # the class of a method: where `super()` goes on from
        self.receiver: Any = None
        self.local_names: frozenset[str] = frozenset()  # which a function gives a value itself, sooner or later
        self.caught: Exception | None = None  # by the last `except`, for a `raise` alone
        self.sent: dict[ast.expr, Any] = {}  # what each `yield` of the statement at hand is worth

    def find(self, name: str) -> Any:
        """The value of a name, `MISSING` if it has none. A class body is not seen from the functions in it."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names and (scope is self or not scope.is_class):
                return scope.names[name]
            if name in scope.local_names:
                return MISSING
            scope = scope.outer
        return MISSING

    def visible(self) -> list[str]:
        """All names that have a value here."""
        return [*self.names, *(self.outer.visible() if self.outer is not None else ())]

    def function_scope(self) -> Scope:
        """The innermost scope that belongs to a method, for `super()`; this one if there is none."""
        scope: Scope | None = self
        while scope is not None and scope.owner is None:
            scope = scope.outer
        return scope or self
