"""`functools.singledispatch`: a function of the text that goes by the class of its first argument."""

from __future__ import annotations

import ast
from typing import Any

from core.parsing.evaluation.builtins import is_instance, is_subclass
from core.parsing.evaluation.values import MISSING, Builtin, Class, Function, Special, Type


class Dispatch(Special):
    """The function itself, and those that are registered for classes."""

    def __init__(self, function: Function, is_method: bool = False):
        self.function, self.is_method, self.name = function, is_method, function.name
        self.registered: list[tuple[Any, Any]] = []

    def invoke(self, call: Any, *args: Any, **kwargs: Any) -> Any:
        place = 1 if self.is_method else 0
        if len(args) <= place:
            raise call.fail("it goes by the class of its first argument, which is not given.")
        return call.call(self._meant(call, args[place]), *args, **kwargs)

    def _meant(self, call: Any, value: Any) -> Any:
        """The function of the nearest class that a value is of."""
        fitting = [(kind, one) for kind, one in self.registered if is_instance(call, value, kind)]
        own = call.evaluator.builtins.names["type"].build(call, value)
        for kind, one in fitting:
            if kind == own or all(is_subclass(call, kind, other) for other, _ in fitting):
                return one
        return fitting[-1][1] if fitting else self.function

    def attribute(self, evaluator: Any, name: str, node: ast.AST | None) -> Any:
        if name == "register":
            return Builtin(name, self._register, needs_call=True)
        if name == "dispatch":
            return Builtin(name, lambda call, kind: dict(self.registered).get(kind, self.function), needs_call=True)
        return self.name if name == "__name__" else MISSING

    def _register(self, call: Any, kind: Any, function: Any = None) -> Any:
        if isinstance(kind, Function):
            return self._add(self._annotated(call, kind), kind)
        if not isinstance(kind, (Type, Class)):
            raise call.fail("it takes a class.")
        if function is not None:
            return self._add(kind, function)
        return Builtin("register", lambda made: self._add(kind, made))

    def _add(self, kind: Any, function: Any) -> Any:
        self.registered = [(one, made) for one, made in self.registered if one is not kind]
        self.registered.append((kind, function))
        return function

    def _annotated(self, call: Any, function: Function) -> Any:
        """The class that stands behind the first argument's colon."""
        spec = function.node.args
        first = [*spec.posonlyargs, *spec.args][1 if self.is_method else 0 :][:1]
        if not first or first[0].annotation is None:
            raise call.fail(f"{function.name} does not say of which class its first argument is.")
        return call.evaluator.evaluate(first[0].annotation, function.scope)
