"""`inspect` of Python's library: what a function takes, and what a value is."""

from __future__ import annotations

import ast
import inspect
from typing import Any

from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.text_classes.records import arguments_of_record, field_spec
from core.parsing.evaluation.values import MISSING, Bound, Builtin, Class, Function, Instance, Namespace, Partial, Type

_KINDS = ("POSITIONAL_ONLY", "POSITIONAL_OR_KEYWORD", "VAR_POSITIONAL", "KEYWORD_ONLY", "VAR_KEYWORD")
EMPTY = Type("_empty", (type(inspect.Parameter.empty),))
PARAMETER = Class("Parameter", (), {**{kind: kind for kind in _KINDS}, "empty": EMPTY}, 0)
SIGNATURE = Class("Signature", (), {"empty": EMPTY}, 0)
ARGUMENTS = Class("FullArgSpec", (), {}, 0)


def _parameter(name: str, kind: str, default: Any = MISSING) -> Instance:
    given = EMPTY if default is MISSING else default
    return Instance(PARAMETER, {"name": name, "kind": kind, "default": given, "annotation": EMPTY})


def parameters_of(call: BuiltinCall, value: Any) -> dict[str, Instance]:
    """What a function, class or layer takes, by name."""
    if isinstance(value, Bound):
        found = parameters_of(call, value.function)
        return dict(list(found.items())[1:])
    if isinstance(value, Partial):
        return {name: one for name, one in parameters_of(call, value.function).items() if name not in value.kwargs}
    if isinstance(value, Class):
        return _of_class(call, value)
    if isinstance(value, Function):
        return _of_function(value)
    if isinstance(value, Type) and value.cls[0].__module__.startswith("torch.nn"):
        real = inspect.signature(value.cls[0]).parameters.values()
        return {
            one.name: _parameter(one.name, one.kind.name, MISSING if one.default is one.empty else one.default)
            for one in real
        }
    own = call.evaluator.own_method(value, "forward" if hasattr(value, "definition") else "__call__")
    if own is MISSING:
        raise call.fail("what it takes cannot be told.")
    return parameters_of(call, own)


def _of_class(call: BuiltinCall, cls: Class) -> dict[str, Instance]:
    init = cls.find("__init__")
    if isinstance(init, Function):
        return dict(list(_of_function(init).items())[1:])
    taken = arguments_of_record(cls)[1]
    if not taken and cls.base is not None:
        return parameters_of(call, cls.base)
    return {name: _parameter(name, _KINDS[1], field_spec(cls, name).default) for name in taken}


def _of_function(function: Function) -> dict[str, Instance]:
    spec = function.node.args
    kinds: list[tuple[list[ast.arg], str]] = [
        (spec.posonlyargs, _KINDS[0]),
        (spec.args, _KINDS[1]),
        ([spec.vararg] if spec.vararg else [], _KINDS[2]),
        (spec.kwonlyargs, _KINDS[3]),
        ([spec.kwarg] if spec.kwarg else [], _KINDS[4]),
    ]
    defaults = function.defaults
    return {one.arg: _parameter(one.arg, kind, defaults.get(one.arg, MISSING)) for ones, kind in kinds for one in ones}


def _signature(call: BuiltinCall, value: Any) -> Instance:
    return Instance(SIGNATURE, {"parameters": parameters_of(call, value), "return_annotation": EMPTY})


def _arguments(call: BuiltinCall, value: Any) -> Instance:
    """`getfullargspec(function)`, which counts `self` where it is a plain function."""
    found = parameters_of(call, value)
    init = value.find("__init__") if isinstance(value, Class) else MISSING
    if isinstance(init, Function):
        found = _of_function(init)
    names = {kind: [name for name, one in found.items() if one.names["kind"] == kind] for kind in _KINDS}
    args = names[_KINDS[0]] + names[_KINDS[1]]
    defaults = tuple(found[name].names["default"] for name in args if found[name].names["default"] is not EMPTY)
    return Instance(
        ARGUMENTS,
        {
            "args": args,
            "varargs": next(iter(names[_KINDS[2]]), None),
            "varkw": next(iter(names[_KINDS[4]]), None),
            "kwonlyargs": names[_KINDS[3]],
            "defaults": defaults or None,
        },
    )


INSPECT = Namespace(
    "inspect",
    {
        "isfunction": Builtin("isfunction", lambda value: isinstance(value, (Function, Builtin))),
        "isclass": Builtin("isclass", lambda value: isinstance(value, (Class, Type))),
        "ismethod": Builtin("ismethod", lambda value: isinstance(value, Bound)),
        "isgeneratorfunction": Builtin("isgeneratorfunction", lambda value: getattr(value, "generates", False)),
        "signature": Builtin("signature", _signature, needs_call=True),
        "getfullargspec": Builtin("getfullargspec", _arguments, needs_call=True),
        "Parameter": PARAMETER,
        "Signature": SIGNATURE,
    },
)
