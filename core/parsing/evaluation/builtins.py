"""Python's own functions that a text may use. What is not here does not exist for it."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from torch import Tensor, nn

from core.errors import ParseError
from core.parsing.evaluation.budget import bounded
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.exceptions import ErrorValue, error_type, kind_of
from core.parsing.evaluation.iterating import ITERATING, listed, of_data
from core.parsing.evaluation.known import known
from core.parsing.evaluation.lazy_items import VIEWS
from core.parsing.evaluation.number_functions import of_numbers
from core.parsing.evaluation.scope_functions import IMPORT, SCOPE_FUNCTIONS
from core.parsing.evaluation.text_classes.records import as_tuple
from core.parsing.evaluation.values import (
    MISSING,
    Bound,
    Builtin,
    Class,
    Function,
    Instance,
    Partial,
    Special,
    Type,
    Unknown,
    type_name,
)

WITH_LENGTH: tuple[type[Any], ...] = (str, list, tuple, dict, set, frozenset, range, *VIEWS)
WITH_LENGTH += (nn.Sequential, nn.ModuleList, nn.ModuleDict, nn.ParameterList, nn.ParameterDict)
NO_NUMBERS = (list, tuple, dict, set, type(None))


def _length(call: BuiltinCall, value: Any) -> int:
    if isinstance(value, Unknown):
        own_length = call.call(value.parts["__len__"]) if "__len__" in value.parts else None
        if type(own_length) is int:
            return own_length
        of = value.path or value.name
        path = f"len({of})" if of else ""
        compute = partial(_resolved_length, call, value)
        return Unknown(value.what, value.line, "", compute, path=path, is_data=value.is_data)  # type: ignore[return-value]
    if isinstance(value, WITH_LENGTH) and call.evaluator.own_method(value, "__len__") is MISSING:
        return len(value)
    if isinstance(value, Tensor):
        return value.shape[0]
    sizes = value.attribute(call.evaluator, "shape", call.node) if isinstance(value, Special) else None
    if isinstance(sizes, tuple) and sizes:
        return sizes[0]
    own = call.evaluator.own_method(value, "__len__")
    if own is not MISSING:
        return call.call(own)
    record = as_tuple(value)
    if record is not None or isinstance(value, Class):  # an enumeration has a length, too
        return len(call.iterate(value))
    raise call.evaluator.fail(call.node, f"{type_name(value)} has no length.", TypeError)


def _resolved_length(call: BuiltinCall, value: Unknown) -> int:
    return _length(call, call.evaluator.resolve_items(value))


def dictionary(call: BuiltinCall, values: Any = (), /, **named: Any) -> dict[Any, Any]:
    """`dict(pairs, name=value)`, and OrderedDict."""
    if own_mapping(call.evaluator, values):
        values = call.evaluator.mapping(values, call.node)
    pairs = (
        values.items()
        if isinstance(values, (dict, nn.ModuleDict, nn.ParameterDict))
        else [tuple(call.iterate(pair)) for pair in call.iterate(values)]
    )
    result: dict[Any, Any] = {}
    for pair in pairs:
        if len(pair) != 2:
            raise call.fail("it takes pairs of a name and a value.")
        if call.name == "OrderedDict" and pair[0] in result:
            raise call.fail(f"two entries have the same name {str(pair[0])[:40]!r}; give each its own.")
        result[pair[0]] = pair[1]
    return result | named


def own_mapping(evaluator: Any, value: Any) -> bool:
    """Whether an object says itself which names it has a value for."""
    return not isinstance(value, dict) and all(
        evaluator.own_method(value, name) is not MISSING for name in ("keys", "__getitem__")
    )


def _from_keys(call: BuiltinCall, keys: Any, value: Any = None) -> dict[Any, Any]:
    return dict.fromkeys(call.iterate(keys), value)


def is_instance(call: BuiltinCall, value: Any, kinds: Any) -> bool:
    """Whether a value is of one of some classes."""
    return any(_is_one(call, value, kind) for kind in (kinds if isinstance(kinds, (tuple, list)) else (kinds,)))


def _is_one(call: BuiltinCall, value: Any, kind: Any) -> bool:
    if isinstance(kind, Type):
        above = value.cls.lineage() if isinstance(value, Instance) else []
        if any(issubclass(base.cls[0], kind.cls) for one in above for base in one.bases if isinstance(base, Type)):
            return True
        if isinstance(value, ErrorValue):
            return kind.name in value.kinds
        if isinstance(value, Special):
            return value.is_of(kind)
        return isinstance(value, kind.cls) and not (isinstance(value, bool) and kind.name == "float")
    if isinstance(kind, Class):
        own = getattr(value, "definition", None) or getattr(value, "cls", None)
        return isinstance(own, Class) and kind in own.lineage()
    if getattr(kind, "name", "") in ("Union", "Optional") and hasattr(kind, "args"):
        return any(_is_one(call, value, one) for one in kind.args) or (kind.name == "Optional" and value is None)
    if isinstance(kind, (Unknown, Special)) or kind is None:
        return kind is None and value is None
    if isinstance(kind, Builtin) and kind.name.startswith("torch.") and kind.name.endswith("Tensor"):
        _, *space, name = kind.name.split(".")  # nothing is on a GPU
        return not space and isinstance(value, Tensor) and value.type().endswith(f".{name}")
    raise call.fail(f"{type_name(kind)} is not a class.")


def is_subclass(call: BuiltinCall, value: Any, kind: Any) -> bool:
    """Whether a class is another one, or comes from it."""
    if isinstance(kind, tuple):
        return any(is_subclass(call, value, one) for one in kind)
    if not isinstance(value, (Class, Type, Unknown)):
        raise call.evaluator.fail(call.node, f"{type_name(value)} is not a class.", TypeError)
    if isinstance(kind, Class) or isinstance(value, Unknown):
        return isinstance(value, Class) and kind in value.lineage()
    above = (
        [base for one in value.lineage() for base in (*one.bases, one.base)] if isinstance(value, Class) else [value]
    )
    return isinstance(kind, Type) and any(isinstance(one, Type) and issubclass(one.cls[0], kind.cls) for one in above)


def _get_attribute(call: BuiltinCall, value: Any, name: str, *default: Any) -> Any:
    try:
        found = call.evaluator.get_attribute(value, name, call.node)
    except ParseError:
        if not default:
            raise
        return default[0]
    return default[0] if default and isinstance(found, Unknown) else found


def _has_attribute(call: BuiltinCall, value: Any, name: str) -> bool:
    try:
        found = call.evaluator.get_attribute(value, name, call.node)
        return not isinstance(found, Unknown) or (found.is_data and found.is_described)
    except ParseError:
        return False


def _set_attribute(call: BuiltinCall, value: Any, name: str, new: Any) -> None:
    call.evaluator.set_attribute(value, name, new, call.node)


def _delete_attribute(call: BuiltinCall, value: Any, name: str) -> None:
    call.evaluator.delete_attribute(value, name, call.node)


def _type_of(call: BuiltinCall, value: Any, *more: Any, **settings: Any) -> Any:
    if isinstance(value, ErrorValue):
        return call.evaluator.globals.find(value.name)
    if more:
        bases, names = more
        return call.evaluator.build_class((value, tuple(bases), dict(names)), None, settings, call.node)
    own = getattr(value, "definition", None) or getattr(value, "cls", None)
    if isinstance(own, Class):
        return own
    return call.evaluator.type_of(value)


def _round(value: Any, digits: Any = None) -> Any:
    return round(value) if digits is None else round(value, digits)


def _number(kind: type) -> Callable[..., Any]:
    def build(call: BuiltinCall, value: Any = 0, *args: Any, **named: Any) -> Any:
        base = (*args, *named.values())
        if isinstance(value, Unknown):
            return Unknown(value.what, value.line, value.name, lambda: build(call, call.evaluator.resolve(value)))
        copy = known(value)
        if copy is not None:
            value = copy.item()
        if isinstance(value, Tensor):
            raise call.fail("a number out of a tensor depends on its values, which only a run knows.")
        own = call.evaluator.own_method(value, f"__{kind.__name__}__")
        if own is not MISSING:
            return kind(call.call(own))
        if isinstance(value, str) and len(value) > 30:
            raise call.fail("no number is that long.")
        try:
            return kind(value, *base)
        except (TypeError, ValueError) as error:
            if isinstance(error, TypeError) and type(value) not in NO_NUMBERS:
                raise
            raise call.evaluator.fail(call.node, f"{call.name}: {error}.", kind_of(error) or TypeError) from None

    return build


def _text(call: BuiltinCall, value: Any = "") -> str:
    from core.parsing.evaluation.methods import formatted

    return formatted(call.evaluator.as_text(call.evaluator.resolve(value, call.node), call.node))


def _represented(call: BuiltinCall, value: Any) -> str:
    from core.parsing.evaluation.methods import formatted

    return formatted(call.evaluator.as_text(call.evaluator.resolve(value, call.node), call.node, ord("r")))


def _power(base: Any, power: Any, *modulus: int) -> Any:
    if modulus:
        return pow(base, power, *modulus)
    if abs(power) > 64 or abs(base) > 10**6:
        raise ParseError("this power is too large; write the number itself.")
    return bounded(base**power)


def _as_kind(function: Any, kind: str) -> Any:
    return replace(function, kind=kind) if isinstance(function, Function) else function


def _property(call: BuiltinCall, getter: Any, setter: Any = None, *more: Any, **named: Any) -> Any:
    """`width = property(get_width, set_width)`."""
    return call.evaluator.property_of(getter, named.get("fset", setter))


def _format(call: BuiltinCall, value: Any, spec: str = "") -> str:
    from core.parsing.evaluation.methods import formatted

    return formatted(call.evaluator.as_text(value, call.node), spec)


def _with_call(**functions: Callable[..., Any]) -> dict[str, Any]:
    return {name: Builtin(name, function, needs_call=True) for name, function in functions.items()}


_ERRORS = {
    name: one for name, one in vars(builtins).items() if isinstance(one, type) and issubclass(one, BaseException)
}
BUILTINS: dict[str, Any] = {
    **ITERATING,
    **_with_call(len=_length, isinstance=is_instance, issubclass=is_subclass),
    **_with_call(getattr=_get_attribute, hasattr=_has_attribute, setattr=_set_attribute),
    "type": Type("type", (Class, Type), _type_of),
    **SCOPE_FUNCTIONS,
    "__import__": IMPORT,
    **_with_call(
        callable=lambda call, value: (
            isinstance(value, Function | Builtin | Type | Class | Partial | Bound | nn.Module)
            or call.evaluator.own_method(value, "__call__") is not MISSING
        )
    ),
    **_with_call(print=lambda call, *args, **kwargs: None, repr=_represented),
    "abs": of_numbers("abs", abs),
    "round": of_numbers("round", _round),
    "divmod": Builtin("divmod", divmod),
    "pow": Builtin("pow", _power),
    "chr": Builtin("chr", lambda code: chr(code)),
    "ord": Builtin("ord", lambda letter: ord(letter)),
    "id": Builtin("id", id),
    **{function.__name__: Builtin(function.__name__, function) for function in (bin, hex, oct, hash)},
    "staticmethod": Builtin("staticmethod", lambda function: _as_kind(function, "staticmethod")),
    "classmethod": Builtin("classmethod", lambda function: _as_kind(function, "classmethod")),
    **_with_call(delattr=_delete_attribute, property=_property, format=_format),
    "int": Type("int", (int,), _number(int)),
    "float": Type("float", (float,), _number(float)),
    "bool": Type("bool", (bool,), lambda call, value=False: call.evaluator.is_true(value, call.node)),
    "str": Type("str", (str,), _text, members={"maketrans": Builtin("maketrans", str.maketrans)}),
    "list": Type("list", (list,), listed(list, "list")),
    "tuple": Type("tuple", (tuple,), listed(tuple, "tuple")),
    "set": Type("set", (set, frozenset), listed(set, "set")),
    "frozenset": Type("frozenset", (frozenset,), listed(frozenset, "frozenset")),
    "dict": Type("dict", (dict,), of_data(dictionary), members={"fromkeys": Builtin("fromkeys", _from_keys, True)}),
    "slice": Type("slice", (slice,), lambda call, *parts: slice(*parts)),
    "object": Type("object", (object,)),
    **{name: error_type(kind) for name, kind in _ERRORS.items()},
    "NotImplemented": None,
    "Ellipsis": Ellipsis,
    "__name__": "__main__",
    "__debug__": True,
    "True": True,
    "False": False,
    "None": None,
}
