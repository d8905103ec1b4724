"""`namedtuple` and `NamedTuple`: classes whose objects are tuples with names for their items."""

from __future__ import annotations

from typing import Any

from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, Class, Type


def _record(call: BuiltinCall, name: Any, fields: Any, **more: Any) -> Class:
    """`namedtuple("Settings", "width depth")`: a class whose objects have these names, in this order."""
    names = fields.replace(",", " ").split() if isinstance(fields, str) else call.iterate(fields)
    if not all(isinstance(one, str) for one in names):
        raise call.fail("its fields are names.")
    defaults = list(more.get("defaults") or ())
    values = dict(zip(names[len(names) - len(defaults) :], defaults, strict=True))
    made = Class(str(name), (NAMED_TUPLE,), values, getattr(call.node, "lineno", 1), fields=tuple(names))
    made.evaluator = call.evaluator
    return made


def _named_tuple(call: BuiltinCall, name: Any, pairs: Any = ()) -> Class:
    """`NamedTuple("Size", [("width", int)])`."""
    return _record(call, name, [call.iterate(pair)[0] for pair in call.iterate(pairs)])


NAMED_TUPLE = Type("NamedTuple", (tuple,), _named_tuple)
NAMEDTUPLE = Builtin("namedtuple", _record, needs_call=True)
