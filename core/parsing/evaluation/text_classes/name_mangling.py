"""Names that begin with two underscores: within a class, they are its own."""

from __future__ import annotations

from core.parsing.evaluation.values import Scope


def own_name(name: str, scope: Scope) -> str:
    """What Python makes of `self.__name` in a method: the name of its class stands before it."""
    if name[:2] != "__" or name[-2:] == "__":
        return name
    owner = scope.function_scope().owner
    return name if owner is None else f"_{owner.name.lstrip('_')}{name}"


def mangle(names: dict[str, object], cls: str) -> None:
    """Renames what the body of a class sets under such a name."""
    for key in [key for key in names if key[:2] == "__" and key[-2:] != "__"]:
        names[f"_{cls.lstrip('_')}{key}"] = names.pop(key)
