"""`dataclasses` of Python's library: what is asked of a dataclass and its objects."""

from __future__ import annotations

from typing import Any

from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.text_classes.records import FieldSpec, arguments_of_record, field_values, record_fields
from core.parsing.evaluation.values import MISSING, Builtin, Class, Instance, Namespace


def _field(
    call: BuiltinCall, default: Any = MISSING, default_factory: Any = None, init: bool = True, **more: Any
) -> Any:
    """What is said of a dataclass's field."""
    spec = FieldSpec(default, default_factory, init is not False)
    spec.by_name, spec.is_compared = more.get("kw_only") is True, more.get("compare") is not False
    return spec


def _as_dict(call: BuiltinCall, value: Any) -> Any:
    """`asdict(settings)`, with what it holds."""
    if not isinstance(value, Instance):
        raise call.fail("it takes an object of a dataclass.")
    return {
        name: _plain(call, call.evaluator.get_attribute(value, name, call.node)) for name in record_fields(value.cls)
    }


def _plain(call: BuiltinCall, value: Any) -> Any:
    if isinstance(value, Instance):
        return _as_dict(call, value) if value.cls.fields is not None else value
    if type(value) in (list, tuple):
        return type(value)(_plain(call, one) for one in value)
    return {key: _plain(call, one) for key, one in value.items()} if type(value) is dict else value


def _as_values(call: BuiltinCall, value: Any) -> tuple[Any, ...]:
    """`astuple(settings)`."""
    if not isinstance(value, Instance):
        raise call.fail("it takes an object of a dataclass.")
    return field_values(value)


def _fields(call: BuiltinCall, value: Any) -> tuple[Instance, ...]:
    """`fields(settings)`: objects with a name."""
    cls = value if isinstance(value, Class) else getattr(value, "cls", None)
    if not isinstance(cls, Class):
        raise call.fail("it takes a dataclass.")
    return tuple(Instance(_FIELD, {"name": name, "default": cls.find(name)}) for name in record_fields(cls))


_FIELD = Class("Field", (), {}, 0)


def _replaced(call: BuiltinCall, value: Any, **changes: Any) -> Any:
    """`replace(settings, width=3)`."""
    taken = arguments_of_record(value.cls)[1]
    kept = {name: call.evaluator.get_attribute(value, name, call.node) for name in record_fields(value.cls)}
    return call.evaluator.instantiate(
        value.cls, [], {name: one for name, one in kept.items() if name in taken} | changes, call.node
    )


def _is_dataclass(value: Any) -> bool:
    cls = value.cls if isinstance(value, Instance) else value
    return isinstance(cls, Class) and any(one.fields is not None for one in cls.lineage())


DATACLASSES = Namespace(
    "dataclasses",
    {
        "field": Builtin("field", _field, needs_call=True),
        "asdict": Builtin("asdict", _as_dict, needs_call=True),
        "astuple": Builtin("astuple", _as_values, needs_call=True),
        "fields": Builtin("fields", _fields, needs_call=True),
        "replace": Builtin("replace", _replaced, needs_call=True),
        "is_dataclass": Builtin("is_dataclass", _is_dataclass),
        "dataclass": Builtin("dataclass", lambda call, *args, **kwargs: args[0] if args else None, needs_call=True),
    },
)
