"""What `*sizes` and `**settings` hand to a list or a function."""

from __future__ import annotations

import ast
from typing import Any

from core.parsing.evaluation.core import Core
from core.parsing.evaluation.values import MISSING, Class, Function, Unknown, type_name


class Spreading(Core):
    """Adds the spreading of dictionaries to the evaluator."""

    def own_method(self, value: Any, name: str) -> Any:
        """A method that the class of a value has in the text; `MISSING` for other values."""
        raise NotImplementedError

    def mapping(self, value: Any, node: ast.AST) -> dict[Any, Any]:
        """A dictionary, or what an object is as one, or else an error."""
        names, pick = (self.own_method(value, name) for name in ("keys", "__getitem__"))
        if MISSING not in (names, pick) and not isinstance(value, dict):
            return {key: self.call(pick, [key], {}, node) for key in self.iterate(self.call(names, [], {}, node), node)}
        if isinstance(value, Unknown) and (value.is_imported or value.error is not None):
            raise value.refusal()
        if not isinstance(value, dict):
            raise self.fail(node, f"** needs a dictionary, not {type_name(value)}.")
        return value

    def spread_out(self, value: Any, parent: ast.AST) -> Any:
        """What `*value` stands for: where one number is usual for an open name in a list, two sides of an image."""
        if not isinstance(value, Unknown) or not isinstance(parent, (ast.Tuple, ast.List)):
            return value
        found = self.resolve_items(value, parent)
        return self.assume(value.path, value, (found, found)) if type(found) is int else found

    def spread(self, settings: Any, function: Any, given: list[Any], node: ast.AST) -> dict[str, Any]:
        """What `**settings` hands to a function; settings that nobody knows hold whatever it needs."""
        own = function.find("__init__") if isinstance(function, Class) else function
        is_open = isinstance(settings, Unknown) and (settings.is_setting or self._is_unread(settings, own))
        found = {} if is_open else {str(key): value for key, value in self.mapping(settings, node).items()}
        if not (is_open or getattr(settings, "is_open", False)) or not isinstance(own, Function):
            return found
        spec = own.node.args
        first = 1 if own is not function else 0
        names = [one.arg for one in (*spec.posonlyargs, *spec.args)][first + len(given) :]
        needed = [one for one in [*names, *(one.arg for one in spec.kwonlyargs)] if one not in own.defaults]
        parts = {name: settings.part(f"[{name!r}]", name) if is_open else settings[name] for name in needed}
        if is_open and not parts and not settings.is_setting:
            said = settings.path or settings.name or "what stands behind **"
            self.notes.append(f"{said} has no value in the text: the defaults of {function.name} are taken for it.")
        return parts | found

    def _is_unread(self, settings: Unknown, function: Any) -> bool:
        """Whether settings for something of the text are read from a file or taken from a person."""
        is_lost = settings.error is not None or settings.is_imported or settings.is_misspelt
        return isinstance(function, Function) and not is_lost
