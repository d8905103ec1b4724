"""`raise`: what a text raises, and from what."""

from __future__ import annotations

import ast
from typing import Any

from core.parsing.evaluation.budget import place
from core.parsing.evaluation.core import MISFITS, Core
from core.parsing.evaluation.exceptions import ErrorValue, raised_by
from core.parsing.evaluation.values import Class, Instance, Scope, Type


class Raising(Core):
    """Adds `raise` to the evaluator."""

    def _raise(self, node: ast.Raise, scope: Scope) -> None:
        if node.exc is None and scope.caught is not None:
            raise scope.caught
        said = ast.unparse(node)[:120]
        value = self._error_value(node, scope)
        self._note_origins(value, node, scope)
        own = value.cls if isinstance(value, Instance) else self._own_error(node, scope)
        kinds = value.kinds if isinstance(value, ErrorValue) else ()
        raise raised_by(f"{place(node)}the text itself refuses these values: {said}.", node, own, value, kinds)

    def _error_value(self, node: ast.Raise, scope: Scope) -> Any:
        """The object that is raised, None where it cannot be told."""
        try:
            value = self.evaluate(node.exc, scope) if node.exc is not None else None
            value = self.call(value, [], {}, node) if isinstance(value, (Class, Type)) else value
        except MISFITS:
            return None
        return value if isinstance(value, (Instance, ErrorValue)) else None

    def _note_origins(self, value: Any, node: ast.Raise, scope: Scope) -> None:
        """`raise ... from error`, and what is caught where an error is raised."""
        kept = value.origins if isinstance(value, ErrorValue) else value.names if isinstance(value, Instance) else {}
        if node.cause is not None:
            kept["__cause__"] = self.evaluate(node.cause, scope)
        caught = getattr(scope.caught, "value", None)
        if caught is not None and caught is not value:
            kept["__context__"] = caught

    def _own_error(self, node: ast.Raise, scope: Scope) -> Class | None:
        """The class of the text that `raise Full()` names."""
        made = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        found = scope.find(made.id) if isinstance(made, ast.Name) else None
        return found if isinstance(found, Class) else None
