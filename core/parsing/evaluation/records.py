"""Dataclasses and named tuples of a text: which fields their objects have."""

from __future__ import annotations

from typing import Any

from core.parsing.evaluation.values import MISSING, Class, Instance, Special, Type


class Factory(Special):
    """`field(default_factory=list)`: each object gets a value of its own."""

    name = "field"

    def __init__(self, make: Any):
        self.make = make


def record_fields(cls: Class) -> tuple[str, ...]:
    """The names that a dataclass or named tuple has, in order; none for other classes."""
    return next((one.fields for one in cls.lineage() if one.fields is not None), ())


def field_values(value: Instance) -> tuple[Any, ...]:
    """The values of these names."""
    return tuple(value.names.get(name, value.cls.find(name)) for name in record_fields(value.cls))


def as_tuple(value: Any) -> tuple[Any, ...] | None:
    """What the object of a named tuple is as a tuple; None for anything else."""
    if not isinstance(value, Instance):
        return None
    bases = [base for one in value.cls.lineage() for base in one.bases]
    if not any(isinstance(base, Type) and base.name == "NamedTuple" for base in bases):
        return None
    values = field_values(value)
    return None if MISSING in values else values
