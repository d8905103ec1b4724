"""Python's own functions that a text may use. What is not here does not exist for it."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from functools import partial
from typing import Any

from torch import Tensor, nn

from core.errors import ParseError
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.iterating import ITERATING, listed
from core.parsing.evaluation.known import known
from core.parsing.evaluation.lazy_items import VIEWS
from core.parsing.evaluation.records import as_tuple
from core.parsing.evaluation.values import (
    MISSING,
    Bound,
    Builtin,
    Class,
    Function,
    Instance,
    Namespace,
    Partial,
    Special,
    Type,
    Unknown,
    type_name,
)

WITH_LENGTH: tuple[type[Any], ...] = (str, list, tuple, dict, set, frozenset, range, *VIEWS)
WITH_LENGTH += (nn.Sequential, nn.ModuleList, nn.ModuleDict, nn.ParameterList, nn.ParameterDict)
LONGEST_QUOTED, COST_OF_QUOTED = 200, 30  # letters of an expression, and steps


def _length(call: BuiltinCall, value: Any) -> int:
    if isinstance(value, Unknown):
        own_length = call.call(value.parts["__len__"]) if "__len__" in value.parts else None
        if type(own_length) is int:
            return own_length
        path = f"len({value.path})" if value.path else ""
        compute = partial(_resolved_length, call, value)
        return Unknown(value.what, value.line, "", compute, path=path, is_data=value.is_data)  # type: ignore[return-value]
    if isinstance(value, WITH_LENGTH):
        return len(value)
    if isinstance(value, Tensor):
        return value.shape[0]
    sizes = value.attribute(call.evaluator, "shape", call.node) if isinstance(value, Special) else None
    if isinstance(sizes, tuple) and sizes:
        return sizes[0]
    record = as_tuple(value)
    if record is not None or isinstance(value, Class):  # an enumeration has a length, too
        return len(call.iterate(value))
    own = getattr(value, "definition", None) or getattr(value, "cls", None)
    if isinstance(own, Class) and own.find("__len__") is not MISSING:
        return call.call(Bound(value, own.find("__len__")))
    raise call.fail(f"{type_name(value)} has no length.")


def _resolved_length(call: BuiltinCall, value: Unknown) -> int:
    return _length(call, call.evaluator.resolve_items(value))


def dictionary(call: BuiltinCall, values: Any = (), /, **named: Any) -> dict[Any, Any]:
    """`dict(pairs, name=value)`, and OrderedDict."""
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


def _from_keys(call: BuiltinCall, keys: Any, value: Any = None) -> dict[Any, Any]:
    return dict.fromkeys(call.iterate(keys), value)


def is_instance(call: BuiltinCall, value: Any, kinds: Any) -> bool:
    """Whether a value is of one of some classes."""
    return any(_is_one(call, value, kind) for kind in (kinds if isinstance(kinds, (tuple, list)) else (kinds,)))


def _is_one(call: BuiltinCall, value: Any, kind: Any) -> bool:
    if isinstance(kind, Type):
        above = value.cls.lineage() if isinstance(value, Instance) else []
        if any(base == kind for one in above for base in one.bases if isinstance(base, Type)):
            return True
        return isinstance(value, kind.cls) and not (isinstance(value, bool) and kind.name == "float")
    if isinstance(kind, Class):
        own = getattr(value, "definition", None) or getattr(value, "cls", None)
        return isinstance(own, Class) and kind in own.lineage()
    if isinstance(kind, Unknown) or kind is None:
        return False
    raise call.fail(f"{type_name(kind)} is not a class.")


def _is_subclass(call: BuiltinCall, value: Any, kind: Any) -> bool:
    if isinstance(value, Class) and isinstance(kind, Class):
        return kind in value.lineage()
    base = value.base if isinstance(value, Class) else value
    return isinstance(base, Type) and isinstance(kind, Type) and issubclass(base.cls[0], kind.cls)


def _get_attribute(call: BuiltinCall, value: Any, name: str, *default: Any) -> Any:
    found = call.evaluator.get_attribute(value, name, call.node) if _has_attribute(call, value, name) else MISSING
    if found is not MISSING:
        return found
    if default:
        return default[0]
    return call.evaluator.get_attribute(value, name, call.node)


def _has_attribute(call: BuiltinCall, value: Any, name: str) -> bool:

    try:
        return not isinstance(call.evaluator.get_attribute(value, name, call.node), Unknown)
    except ParseError:
        return False


def _set_attribute(call: BuiltinCall, value: Any, name: str, new: Any) -> None:
    call.evaluator.set_attribute(value, name, new, call.node)


def _delete_attribute(call: BuiltinCall, value: Any, name: str) -> None:
    call.evaluator.delete_attribute(value, name, call.node)


def _names_of(call: BuiltinCall, value: Any) -> Any:
    return call.evaluator.get_attribute(value, "__dict__", call.node)


def _type_of(call: BuiltinCall, value: Any, *more: Any, **settings: Any) -> Any:
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
    def build(call: BuiltinCall, value: Any = 0, *base: Any) -> Any:
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
        except ValueError as error:
            raise call.evaluator.fail(call.node, f"{call.name}: {error}.", ValueError) from None

    return build


def _text(call: BuiltinCall, value: Any = "") -> str:
    from core.parsing.evaluation.methods import formatted

    return formatted(call.evaluator.as_text(call.evaluator.resolve(value, call.node), call.node))


def _evaluated(call: BuiltinCall, text: Any, *scopes: Any) -> Any:
    """`eval("nn.LayerNorm")`: what the text has in quotes is evaluated like the text itself.

    Its names have to be those of modules and classes: others may mean something else where it is called.
    """
    import ast

    if not isinstance(text, str) or len(text) > LONGEST_QUOTED or scopes:
        raise call.fail("only a short expression in quotes is read.")
    call.evaluator.budget.step(call.node, COST_OF_QUOTED)
    try:
        expression = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError):
        raise call.fail(f"{text[:40]!r} is no expression.") from None
    for part in ast.walk(expression):
        if isinstance(part, ast.Name) and not isinstance(
            call.evaluator.globals.find(part.id), (Namespace, Type, Class, Builtin)
        ):
            raise call.fail(f"what {part.id[:40]} in quotes stands for here cannot be told.")
        if hasattr(part, "lineno"):
            part.lineno = getattr(call.node, "lineno", 1)
    return call.evaluator.evaluate(expression.body, call.evaluator.globals)


def _with_call(**functions: Callable[..., Any]) -> dict[str, Any]:
    return {name: Builtin(name, function, needs_call=True) for name, function in functions.items()}


_ERRORS = {
    name: one for name, one in vars(builtins).items() if isinstance(one, type) and issubclass(one, BaseException)
}
BUILTINS: dict[str, Any] = {
    **ITERATING,
    **_with_call(len=_length, isinstance=is_instance, issubclass=_is_subclass),
    **_with_call(getattr=_get_attribute, hasattr=_has_attribute, setattr=_set_attribute),
    "type": Type("type", (Class, Type), _type_of),
    **_with_call(eval=_evaluated),
    **_with_call(
        callable=lambda call, value: (
            isinstance(value, Function | Builtin | Type | Class | Partial | Bound | nn.Module)
            or call.evaluator.own_method(value, "__call__") is not MISSING
        )
    ),
    **_with_call(print=lambda call, *args, **kwargs: None, repr=_text),
    "abs": Builtin("abs", abs),
    "round": Builtin("round", _round),
    "divmod": Builtin("divmod", divmod),
    "pow": Builtin("pow", lambda base, power: float(base) ** float(power) if abs(power) <= 64 else 1 // 0),
    "chr": Builtin("chr", lambda code: chr(code)),
    "ord": Builtin("ord", lambda letter: ord(letter)),
    "id": Builtin("id", id),
    "bin": Builtin("bin", bin),
    **_with_call(vars=_names_of, delattr=_delete_attribute),
    "int": Type("int", (int,), _number(int)),
    "float": Type("float", (float,), _number(float)),
    "bool": Type("bool", (bool,), lambda call, value=False: call.evaluator.is_true(value, call.node)),
    "str": Type("str", (str,), _text),
    "list": Type("list", (list,), listed(list, "list")),
    "tuple": Type("tuple", (tuple,), listed(tuple, "tuple")),
    "set": Type("set", (set, frozenset), listed(set, "set")),
    "frozenset": Type("frozenset", (frozenset,), listed(frozenset, "frozenset")),
    "dict": Type("dict", (dict,), dictionary, members={"fromkeys": Builtin("fromkeys", _from_keys, True)}),
    "slice": Type("slice", (slice,), lambda call, *parts: slice(*parts)),
    "object": Type("object", (object,)),
    **{name: Type(kind.__name__, (kind,)) for name, kind in _ERRORS.items()},
    "NotImplemented": None,
    "Ellipsis": Ellipsis,
    "__name__": "__main__",
    "True": True,
    "False": False,
    "None": None,
}
