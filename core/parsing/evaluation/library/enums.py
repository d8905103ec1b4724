"""Enumerations of a text: classes whose names are objects with a `name` and a `value`."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from core.parsing.evaluation.text_classes.builtin_subclasses import builtin_base, made_of
from core.parsing.evaluation.values import (
    MISSING,
    Builtin,
    Class,
    Function,
    Instance,
    Namespace,
    Special,
    Type,
    Unknown,
)


class EnumKind:
    """What `Enum` stands for in `isinstance`."""


class IntEnumKind(EnumKind, int):
    """The same for `IntEnum`, whose members are numbers."""


class StrEnumKind(EnumKind, str):
    """The same for `StrEnum`, whose members are words."""


class FlagKind(IntEnumKind):
    """The same for flags, which go on by powers of two."""


class Auto(Special):
    """`auto()`: the value that is next."""

    name = "auto"


COMBINING: dict[str, Callable[[int, int], int]] = {
    "__or__": operator.or_,
    "__and__": operator.and_,
    "__xor__": operator.xor,
    "__contains__": lambda whole, part: whole & part == part,
}
PLAIN_TEXT = (IntEnumKind, StrEnumKind)  # written as their values


def kind_of_enum(cls: Any) -> type | None:
    """Which of these a class of the text is, None if it is no enumeration."""
    return kind_of_bases([base for one in cls.lineage() for base in one.bases] if isinstance(cls, Class) else [])


def kind_of_bases(bases: Sequence[Any]) -> type | None:
    """The same of a class with these bases."""
    above = [base for one in bases if isinstance(one, Class) for each in one.lineage() for base in each.bases]
    bases = [*bases, *above]
    kinds = [base.cls[0] for base in bases if isinstance(base, Type) and issubclass(base.cls[0], EnumKind)]
    is_named = any(isinstance(base, Unknown) and base.name == "Enum" for base in bases)
    return kinds[0] if kinds else EnumKind if is_named else None


def is_enum(cls: Any) -> bool:
    """Whether a class of the text is an enumeration."""
    return kind_of_enum(cls) is not None


def make_members(evaluator: Any, cls: Class) -> None:
    """Turns what the body of an enumeration sets into its members; a value that is there already is the same member."""
    kind, own = kind_of_enum(cls), builtin_base(cls)
    number_autos(cls.names, kind)
    for name, value in list(cls.names.items()):
        if name.startswith("_") or isinstance(value, (Function, Class)):
            continue
        before = member_of(cls, value)
        if before is not MISSING:
            cls.names[name] = before
            continue
        made = Instance(cls) if own is None else made_of(cls, own, value)
        made.names.update(name=name, value=value, _value_=value)
        cls.names[name] = made
        init = cls.find("__init__")
        if isinstance(init, Function):
            evaluator.call(init, [made, *(value if isinstance(value, tuple) else (value,))], {})


def _is_auto(value: Any) -> bool:
    return isinstance(value, Auto) or (isinstance(value, Unknown) and value.what.startswith(("auto", "enum.auto")))


def number_autos(names: dict[str, Any], kind: type | None) -> None:
    """Gives each `auto()` of an enumeration its value, as soon as a statement has set it: `BOTH = A | B` goes on."""
    last = 0
    for name, value in names.items():
        if _is_auto(value):
            value = _next_value(last, name, kind)
            names[name] = value
        if type(value) is int and not name.startswith("_"):
            last = max(last, value)


def _next_value(last: int, name: str, kind: type | None) -> Any:
    if kind is StrEnumKind:
        return name.lower()
    return last + 1 if kind is not FlagKind else 2 ** last.bit_length()


def named_values(given: Any) -> dict[str, Any]:
    """The names of `Enum("Kind", "A B")` with their values."""
    if isinstance(given, dict):
        return dict(given)
    names = given.replace(",", " ").split() if isinstance(given, str) else list(given)
    pairs = [one if isinstance(one, (tuple, list)) else (one, number) for number, one in enumerate(names, start=1)]
    return {str(name): value for name, value in pairs}


def listed_members(cls: Class) -> list[Instance]:
    """What a loop over an enumeration goes through: of flags those that are no combination of others."""
    every = members(cls)
    return [one for one in every if kind_of_enum(cls) is not FlagKind or _is_power(one.names["value"])]


def _is_power(value: Any) -> bool:
    return type(value) is int and value > 0 and value & (value - 1) == 0


def combined_flags(method: str, left: Any, right: Any) -> Any:
    """`A | B` and `A in B` of two flags of one class, `MISSING` for anything else."""
    if not isinstance(left, Instance) or not isinstance(right, Instance) or left.cls is not right.cls:
        return MISSING
    if kind_of_enum(left.cls) is not FlagKind or method not in COMBINING:
        return MISSING
    value = COMBINING[method](left.names["value"], right.names["value"])
    return value if isinstance(value, bool) else of_value(left.cls, value)


def of_value(cls: Class, value: int) -> Instance:
    """The flags of a class that a number means: a member, or several of them together."""
    found = member_of(cls, value)
    if found is not MISSING:
        return found
    names = [one.names["name"] for one in listed_members(cls) if one.names["value"] & value]
    own = builtin_base(cls)
    made = Instance(cls) if own is None else made_of(cls, own, value)
    made.names.update(name="|".join(names), value=value, _value_=value)
    cls.combinations[value] = made
    return made


def members(cls: Class) -> list[Instance]:
    """In the order of the text."""
    own = [one for one in cls.names.values() if isinstance(one, Instance) and one.cls is cls and "value" in one.names]
    return list({id(one): one for one in own}.values())


def members_by_name(cls: Class) -> dict[str, Instance]:
    """`Size.__members__`, with other names of the same member."""
    return {name: one for name, one in cls.names.items() if isinstance(one, Instance) and one.cls is cls}


def member_of(cls: Class, value: Any) -> Any:
    """`Size(4)`, `MISSING` where there is no such member."""
    every = [*members(cls), *cls.combinations.values()]
    return next((one for one in every if one is value or one.names["value"] == value), MISSING)


def as_written(value: Any) -> Any:
    """What `str` makes of a member: its value where it is one of Python's numbers or words, or else its name."""
    kind = kind_of_enum(value.cls) if isinstance(value, Instance) else None
    if kind is None or "name" not in value.names:
        return value
    return value.names["value"] if issubclass(kind, PLAIN_TEXT) else f"{value.cls.name}.{value.names['name']}"


_KINDS = {"Enum": EnumKind, "IntEnum": IntEnumKind, "StrEnum": StrEnumKind, "Flag": FlagKind, "IntFlag": FlagKind}


def _made(kind: Type) -> Any:
    """`Enum("Kind", "A B")`."""

    def build(call: Any, name: Any, values: Any, **settings: Any) -> Any:
        return call.evaluator.build_class((str(name), (kind,), named_values(values)), None, {}, call.node)

    return build


_TYPES = {name: Type(name, (kind,)) for name, kind in _KINDS.items()}
for _one in _TYPES.values():
    _one.build = _made(_one)
ENUM = Namespace(
    "enum",
    {
        **_TYPES,
        "EnumMeta": Type("type", (Class, Type)),
        "auto": Builtin("auto", lambda: Auto()),
        "unique": Builtin("unique", lambda cls: cls),
    },
)
