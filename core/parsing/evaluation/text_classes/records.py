"""Dataclasses and named tuples of a text: which fields their objects have, and what is said of these."""

from __future__ import annotations

import ast
from typing import Any

from core.parsing.evaluation.values import MISSING, Class, Instance, Special, Type


class FieldSpec(Special):
    """`field(default_factory=list)`: each object gets a value of its own; or one that is no argument."""

    name = "field"

    def __init__(self, default: Any = MISSING, make: Any = None, is_argument: bool = True, is_kept: bool = True):
        self.default, self.make, self.is_argument, self.is_kept = default, make, is_argument, is_kept
        self.by_name = False  # whether it is given by its name only
        self.is_compared = True


def make_record(cls: Class, node: ast.ClassDef, is_tuple: bool) -> None:
    """Makes a dataclass of a class, or a named tuple."""
    own = [one for one in node.body if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)]
    above = [name for base in cls.lineage()[:0:-1] for name in base.fields or ()]
    names, by_name = [], _keyword(node, "kw_only")
    for one in own:
        name, said = getattr(one.target, "id", ""), ast.unparse(one.annotation)
        if "ClassVar" in said:
            continue
        if said.endswith("KW_ONLY"):
            by_name = True
            continue
        names.append(name)
        _describe(cls, name, is_kept="InitVar" not in said, by_name=by_name)
    cls.fields = tuple(dict.fromkeys((*above, *names)))
    given = [name for name in ("order", "frozen", "unsafe_hash") if _keyword(node, name)]
    cls.options = frozenset(["order"] if is_tuple else given) | ({"no eq"} if _keyword(node, "eq", False) else set())


def _keyword(node: ast.ClassDef, name: str, value: bool = True) -> bool:
    """Whether `@dataclass(name=True)` says so."""
    keywords = [one for each in node.decorator_list if isinstance(each, ast.Call) for one in each.keywords]
    return any(one.arg == name and getattr(one.value, "value", None) is value for one in keywords)


def _describe(cls: Class, name: str, is_kept: bool, by_name: bool) -> None:
    given = cls.names.get(name, MISSING)
    spec = given if isinstance(given, FieldSpec) else FieldSpec(given)
    spec.is_kept, spec.by_name = is_kept, by_name or spec.by_name
    cls.specs[name] = spec
    if isinstance(given, FieldSpec):
        del cls.names[name]
        if given.default is not MISSING:
            cls.names[name] = given.default


def field_spec(cls: Class, name: str) -> FieldSpec:
    """What is said of a field, by the class or one above it."""
    plain = FieldSpec(cls.find(name))
    return next((one.specs[name] for one in cls.lineage() if name in one.specs), plain)


def record_fields(cls: Class) -> tuple[str, ...]:
    """The names that a dataclass or named tuple has, in order; none for other classes."""
    names = next((one.fields for one in cls.lineage() if one.fields is not None), ())
    return tuple(name for name in names if field_spec(cls, name).is_kept)


def arguments_of_record(cls: Class) -> tuple[list[str], list[str]]:
    """The names by which its objects are made: those that may be given in order, and all of them."""
    names = next((one.fields for one in cls.lineage() if one.fields is not None), ())
    taken = [name for name in names if field_spec(cls, name).is_argument]
    return [name for name in taken if not field_spec(cls, name).by_name], taken


def field_values(value: Instance) -> tuple[Any, ...]:
    """The values of these names."""
    return tuple(value.names.get(name, value.cls.find(name)) for name in record_fields(value.cls))


def compared_values(value: Instance) -> tuple[Any, ...]:
    """Those that make objects equal, and put them in order."""
    names = [name for name in record_fields(value.cls) if field_spec(value.cls, name).is_compared]
    return tuple(value.names.get(name, value.cls.find(name)) for name in names)


def is_named_tuple(cls: Class) -> bool:
    """Whether the objects of a class are tuples whose items have names."""
    bases = [base for one in cls.lineage() for base in one.bases]
    return any(isinstance(base, Type) and base.name == "NamedTuple" for base in bases)


def as_tuple(value: Any) -> tuple[Any, ...] | None:
    """What the object of a named tuple is as a tuple; None for anything else."""
    if not isinstance(value, Instance) or not is_named_tuple(value.cls):
        return None
    values = field_values(value)
    return None if MISSING in values else values
