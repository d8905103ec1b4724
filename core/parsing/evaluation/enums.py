"""Enumerations of a text: classes whose names are objects with a `name` and a `value`."""

from __future__ import annotations

from typing import Any

from core.parsing.evaluation.values import MISSING, Class, Function, Instance, Type, Unknown

AUTO = "auto"


def is_enum(cls: Any) -> bool:
    """Whether a class of the text is an enumeration, whose members are not numbers or words themselves."""
    bases = [base for one in cls.lineage() for base in one.bases] if isinstance(cls, Class) else []
    return any(isinstance(base, Unknown) and base.name == "Enum" for base in bases) and not any(
        isinstance(base, Type) and base.name in ("str", "int") for base in bases
    )


def make_members(cls: Class) -> None:
    """Turns what the body of an enumeration sets into its members."""
    for name, value in list(cls.names.items()):
        if name.startswith("_") or isinstance(value, (Function, Class)):
            continue
        is_next = isinstance(value, Unknown) and value.what.startswith((AUTO, f"enum.{AUTO}"))
        cls.names[name] = Instance(cls, {"name": name, "value": len(members(cls)) + 1 if is_next else value})


def members(cls: Class) -> list[Instance]:
    """In the order of the text."""
    return [one for one in cls.names.values() if isinstance(one, Instance) and one.cls is cls]


def member_of(cls: Class, value: Any) -> Any:
    """`Size(4)`, `MISSING` where there is no such member."""
    return next((one for one in members(cls) if one is value or one.names["value"] == value), MISSING)
