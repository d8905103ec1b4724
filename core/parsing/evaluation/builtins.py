"""Python's own functions that a text may use. What is not here does not exist for it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.known import known
from core.parsing.evaluation.values import (
    MISSING,
    Bound,
    Builtin,
    Class,
    FromLibrary,
    Function,
    Namespace,
    Partial,
    Type,
    Unknown,
    type_name,
)


def _length(call: BuiltinCall, value: Any) -> int:
    if isinstance(value, Unknown):
        return Unknown(value.what, value.line, value.name, lambda: _length(call, call.evaluator.resolve(value)))  # type: ignore[return-value]
    if isinstance(value, (str, list, tuple, dict, set, frozenset, range, nn.Sequential, nn.ModuleList, nn.ModuleDict)):
        return len(value)
    if isinstance(value, Tensor):
        return value.shape[0]
    if isinstance(value, (nn.ParameterList, nn.ParameterDict)):
        return len(value)
    own = getattr(value, "definition", None) or getattr(value, "cls", None)
    if isinstance(own, Class) and own.find("__len__") is not MISSING:
        return call.call(Bound(value, own.find("__len__")))
    raise call.fail(f"{type_name(value)} has no length.")


def _listed(kind: type) -> Callable[..., Any]:
    def build(call: BuiltinCall, values: Any = ()) -> Any:
        return kind(call.iterate(values))

    return build


def _dictionary(call: BuiltinCall, values: Any = (), /, **named: Any) -> dict[Any, Any]:
    pairs = values.items() if isinstance(values, dict) else [tuple(call.iterate(pair)) for pair in call.iterate(values)]
    result: dict[Any, Any] = {}
    for pair in pairs:
        if len(pair) != 2:
            raise call.fail("it takes pairs of a name and a value.")
        if call.name == "OrderedDict" and pair[0] in result:
            raise call.fail(f"two entries have the same name {str(pair[0])[:40]!r}; give each its own.")
        result[pair[0]] = pair[1]
    return result | named


def _range(call: BuiltinCall, *bounds: Any) -> range:
    return range(*(call.evaluator.resolve(bound, call.node) for bound in bounds))


def _zip(call: BuiltinCall, *values: Any, strict: bool = False) -> list[tuple[Any, ...]]:
    return list(zip(*(call.iterate(value) for value in values), strict=strict))


def _enumerate(call: BuiltinCall, values: Any, start: int = 0) -> list[tuple[int, Any]]:
    return list(enumerate(call.iterate(values), start))


def _map(call: BuiltinCall, function: Any, *values: Any) -> Any:
    return iter([call.call(function, *items) for items in zip(*(call.iterate(v) for v in values), strict=False)])


def _filter(call: BuiltinCall, function: Any, values: Any) -> Any:
    keep = (lambda item: item) if function is None else (lambda item: call.call(function, item))
    return iter([item for item in call.iterate(values) if call.evaluator.is_true(keep(item), call.node)])


def _sorted(call: BuiltinCall, values: Any, key: Any = None, reverse: bool = False) -> list[Any]:
    rank = (lambda item: call.call(key, item)) if key is not None else None
    return sorted(call.iterate(values), key=rank, reverse=reverse)


def _reversed(call: BuiltinCall, values: Any) -> Any:
    return iter(call.iterate(values)[::-1])


def _best(choose: Callable[..., Any]) -> Callable[..., Any]:
    def run(call: BuiltinCall, *values: Any, key: Any = None, **default: Any) -> Any:
        items = call.iterate(values[0]) if len(values) == 1 else [call.evaluator.resolve(v, call.node) for v in values]
        rank = (lambda item: call.call(key, item)) if key is not None else None
        return choose(items, key=rank, **default)

    return run


def _sum(call: BuiltinCall, values: Any, start: Any = 0) -> Any:
    import ast

    total = start
    for value in call.iterate(values):
        total = call.evaluator.operate(ast.Add(), total, value, call.node)
    return total


def _any_of(decide: Callable[..., bool]) -> Callable[..., bool]:
    return lambda call, values: decide(call.evaluator.is_true(item, call.node) for item in call.iterate(values))


def _next(call: BuiltinCall, values: Any, *default: Any) -> Any:
    if not hasattr(values, "__next__"):
        raise call.fail(f"{type_name(values)} is no iterator.")
    return next(values, *default)


def is_instance(call: BuiltinCall, value: Any, kinds: Any) -> bool:
    """Whether a value is of one of some classes."""
    return any(_is_one(call, value, kind) for kind in (kinds if isinstance(kinds, (tuple, list)) else (kinds,)))


def _is_one(call: BuiltinCall, value: Any, kind: Any) -> bool:
    if isinstance(kind, Type):
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
    from core.errors import ParseError

    try:
        return not isinstance(call.evaluator.get_attribute(value, name, call.node), Unknown)
    except ParseError:
        return False


def _set_attribute(call: BuiltinCall, value: Any, name: str, new: Any) -> None:
    call.evaluator.set_attribute(value, name, new, call.node)


def _type_of(call: BuiltinCall, value: Any) -> Any:
    own = getattr(value, "definition", None) or getattr(value, "cls", None)
    if isinstance(own, Class):
        return own
    return Type(type(value).__name__, (type(value),))


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
        if isinstance(value, str) and len(value) > 30:
            raise call.fail("no number is that long.")
        return kind(value, *base)

    return build


def _text(call: BuiltinCall, value: Any = "") -> str:
    from core.parsing.evaluation.methods import formatted

    return formatted(call.evaluator.resolve(value, call.node))


def _reduce(call: BuiltinCall, function: Any, values: Any, *start: Any) -> Any:
    items = [*start, *call.iterate(values)]
    total = items[0]
    for item in items[1:]:
        total = call.call(function, total, item)
    return total


def _product(call: BuiltinCall, *values: Any, repeat: int = 1) -> list[Any]:
    pools = [call.iterate(value) for value in values] * min(int(repeat), 8)
    return list(call.evaluator.budget.items(itertools.product(*pools), call.node))


def _copied(call: BuiltinCall, value: Any) -> Any:
    import copy

    if isinstance(value, nn.Module):
        call.evaluator.budget.layer(call.node, sum(1 for _ in value.modules()))
    return copy.deepcopy(value)


def _with_call(**functions: Callable[..., Any]) -> dict[str, Any]:
    return {name: Builtin(name, function, needs_call=True) for name, function in functions.items()}


BUILTINS: dict[str, Any] = {
    **_with_call(len=_length, range=_range, zip=_zip, enumerate=_enumerate, map=_map, filter=_filter),
    **_with_call(sorted=_sorted, reversed=_reversed, max=_best(max), min=_best(min), sum=_sum),
    **_with_call(any=_any_of(any), all=_any_of(all), next=_next, isinstance=is_instance, issubclass=_is_subclass),
    **_with_call(getattr=_get_attribute, hasattr=_has_attribute, setattr=_set_attribute, type=_type_of),
    **_with_call(iter=lambda call, values: iter(call.iterate(values))),
    **_with_call(
        callable=lambda call, value: isinstance(value, Function | Builtin | Type | Class | Partial | nn.Module)
    ),
    **_with_call(print=lambda call, *args, **kwargs: None, repr=_text),
    "abs": Builtin("abs", abs),
    "round": Builtin("round", _round),
    "divmod": Builtin("divmod", divmod),
    "pow": Builtin("pow", lambda base, power: float(base) ** float(power) if abs(power) <= 64 else 1 // 0),
    "chr": Builtin("chr", lambda code: chr(code)),
    "ord": Builtin("ord", lambda letter: ord(letter)),
    "id": Builtin("id", lambda value: 0),
    "int": Type("int", (int,), _number(int)),
    "float": Type("float", (float,), _number(float)),
    "bool": Type("bool", (bool,), lambda call, value=False: call.evaluator.is_true(value, call.node)),
    "str": Type("str", (str,), _text),
    "list": Type("list", (list,), _listed(list)),
    "tuple": Type("tuple", (tuple,), _listed(tuple)),
    "set": Type("set", (set, frozenset), _listed(set)),
    "frozenset": Type("frozenset", (frozenset,), _listed(frozenset)),
    "dict": Type("dict", (dict,), _dictionary),
    "slice": Type("slice", (slice,), lambda call, *parts: slice(*parts)),
    "object": Type("object", (object,)),
    "Exception": Type("Exception", (Exception,)),
    **{name: Type(name, (Exception,)) for name in ("ValueError", "TypeError", "RuntimeError", "NotImplementedError")},
    **{name: Type(name, (Exception,)) for name in ("KeyError", "ImportError", "AssertionError", "AttributeError")},
    "NotImplemented": None,
    "Ellipsis": Ellipsis,
    "__name__": "__main__",
    "True": True,
    "False": False,
    "None": None,
}


def _bounded_math() -> dict[str, Any]:
    import math

    names = [
        "sqrt",
        "log",
        "log2",
        "log10",
        "exp",
        "ceil",
        "floor",
        "sin",
        "cos",
        "tan",
        "pow",
        "fabs",
        "gcd",
        "prod",
        "isclose",
        "trunc",
        "hypot",
        "atan",
        "tanh",
        "erf",
    ]
    return {name: Builtin(f"math.{name}", getattr(math, name)) for name in names} | {
        "pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan
    }  # fmt: skip


ORDERED = Type("OrderedDict", (dict,), _dictionary)
PARTIAL = Type("partial", (Partial,), lambda call, function, *args, **kwargs: Partial(function, args, kwargs))
STANDARD: dict[str, Namespace] = {
    "math": Namespace("math", _bounded_math()),
    "collections": Namespace("collections", {"OrderedDict": ORDERED}),
    "functools": Namespace("functools", {"partial": PARTIAL, "reduce": Builtin("reduce", _reduce, needs_call=True)}),
    "itertools": Namespace(
        "itertools",
        {
            "product": Builtin("product", _product, needs_call=True),
            "chain": Builtin(
                "chain", lambda call, *v: iter([x for one in v for x in call.iterate(one)]), needs_call=True
            ),
            "repeat": Builtin(
                "repeat",
                lambda call, v, times: list(call.evaluator.budget.items([v] * min(times, 20_001))),
                needs_call=True,
            ),
        },
    ),
    "copy": Namespace("copy", {name: Builtin(name, _copied, needs_call=True) for name in ("deepcopy", "copy")}),
}


_ITERABLE = (list, tuple, dict, set, frozenset, range, str, nn.Sequential, nn.ModuleList)
_KINDS = {
    **{name: Type(name, (list, tuple, range, str)) for name in ("Sequence", "MutableSequence")},
    **{name: Type(name, (dict,)) for name in ("Mapping", "MutableMapping")},
    **{name: Type(name, _ITERABLE) for name in ("Iterable", "Collection")},
    "Callable": Type("Callable", (Function, Builtin, Type, Class, Partial, nn.Module)),
    "NamedTuple": Type("NamedTuple", (tuple,)),
    "cast": Builtin("cast", lambda call, kind, value: value, needs_call=True),
    "Number": Type("Number", (int, float)),
    "Integral": Type("Integral", (int,)),
    "Real": Type("Real", (int, float)),
}
STANDARD["typing"] = Namespace("typing", _KINDS)
STANDARD["numbers"] = Namespace("numbers", _KINDS)
STANDARD["collections"].members = {**STANDARD["collections"].members, "abc": STANDARD["typing"]}
STANDARD["argparse"] = Namespace("argparse", {"ArgumentParser": FromLibrary("ArgumentParser")})


def _as_list(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value


def _numpy() -> dict[str, Any]:
    import numpy as np

    scalars = [
        "sqrt",
        "log",
        "log2",
        "log10",
        "exp",
        "ceil",
        "floor",
        "sin",
        "cos",
        "prod",
        "sum",
        "abs",
        "cumsum",
        "linspace",
        "max",
        "min",
        "mean",
        "round",
        "power",
    ]

    def plain(name: str) -> Callable[..., Any]:
        return lambda *args, **kwargs: _as_list(getattr(np, name)(*args, **kwargs))

    def arange(*bounds: float) -> list[float]:
        if (bounds[1] if len(bounds) > 1 else bounds[0]) > 20_000:
            raise ValueError("a list of more than 20,000 items")
        return np.arange(*bounds).tolist()

    def linspace(low: float, high: float, count: int = 50) -> list[float]:
        return np.linspace(low, high, min(int(count), 20_000)).tolist()

    numbers = {"pi": np.pi, "inf": np.inf, "float32": torch.float32, "array": Builtin("array", list)}
    functions = {name: Builtin(f"np.{name}", plain(name)) for name in scalars}
    return functions | {"arange": Builtin("arange", arange), "linspace": Builtin("linspace", linspace)} | numbers


STANDARD["numpy"] = Namespace("numpy", _numpy())
