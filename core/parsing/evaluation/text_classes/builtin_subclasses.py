"""Objects of classes that inherit from `dict`, `list`, `str`, `int` and their kind: they are both, as in Python."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from core.parsing.evaluation.values import MISSING, Class, Instance, Type


class OwnDict(Instance, dict[Any, Any]):  # type: ignore[misc]
    """Of `class Settings(dict)`."""

    make: Any = None  # what makes a value that is missing, for `class Settings(defaultdict)`


class OwnList(Instance, list[Any]):  # type: ignore[misc]
    """Of `class Stack(list)`."""


class OwnSet(Instance, set[Any]):  # type: ignore[misc]
    """Of `class Names(set)`."""


class OwnTuple(Instance, tuple[Any, ...]):
    """Of `class Size(tuple)`."""


class OwnString(Instance, str):
    """Of `class Word(str)`."""


class OwnInteger(Instance, int):
    """Of `class Width(int)`."""


class OwnFloat(Instance, float):
    """Of `class Rate(float)`."""


OWN: dict[type, type[Any]] = {
    **{dict: OwnDict, list: OwnList, set: OwnSet, tuple: OwnTuple, str: OwnString, int: OwnInteger, float: OwnFloat}
}
UNCHANGEABLE: tuple[type, ...] = (int, float, str, tuple)
CHANGEABLE: tuple[type, ...] = (OwnDict, OwnList, OwnSet)
WHOLE: dict[str, Callable[..., Any]] = {  # what Python's own class does, whatever the class of the text says
    "__getitem__": operator.getitem,
    "__setitem__": operator.setitem,
    "__delitem__": operator.delitem,
    "__contains__": operator.contains,
    "__len__": len,
    "__iter__": iter,
    "__str__": str,
    "__repr__": repr,
    "__int__": int,
    **{f"__{name}__": getattr(operator, name) for name in ("add", "sub", "mul", "floordiv", "truediv", "mod", "lt")},
}


def builtin_type(cls: Class) -> Type | None:
    """What such a class inherits from, as `defaultdict`."""
    bases = [base for one in cls.lineage() for base in one.bases if isinstance(base, Type)]
    return next((base for base in bases if issubclass(base.cls[0], tuple(OWN)) and base.cls[0] is not bool), None)


def builtin_base(cls: Class) -> type | None:
    """The class of Python's that the objects of a class are of, too."""
    base = builtin_type(cls)
    return None if base is None else next(kind for kind in OWN if issubclass(base.cls[0], kind))


def made_of(cls: Class, kind: type, value: Any = MISSING) -> Instance:
    """A new object of such a class; `value` is what it is worth, if that can never change."""
    own: Any = OWN[kind]
    made: Instance = own.__new__(own) if value is MISSING or own in CHANGEABLE else own.__new__(own, value)
    Instance.__init__(made, cls)
    return made


def fill(made: Any, value: Any) -> None:
    """Gives an object that can change what it holds first."""
    if isinstance(made, list):
        made[:] = value
    elif isinstance(made, (dict, set)):
        made.update(value)
    if isinstance(made, OwnDict):
        made.make = getattr(value, "make", None)


def as_plain(value: Any) -> Any:
    """The number, word or tuple that an object of such a class is; any other value itself."""
    if isinstance(value, Instance) and isinstance(value, UNCHANGEABLE):
        return next(kind(value) for kind in UNCHANGEABLE if isinstance(value, kind))
    return tuple(map(as_plain, value)) if type(value) is tuple else value


def is_method_of(kind: type, name: str) -> bool:
    """Whether a class of Python's has a method of this name that a text may call."""
    return name == "__init__" or (callable(getattr(kind, name, None)) and (name in WHOLE or name[:1] != "_"))
