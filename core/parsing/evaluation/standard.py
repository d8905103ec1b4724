"""Modules of Python's library, and a little of numpy, that a text may use."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from core.parsing.evaluation.builtins import dictionary
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import (
    Builtin,
    Class,
    FromPrelude,
    Function,
    Namespace,
    Partial,
    Type,
)


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


ORDERED = Type("OrderedDict", (dict,), dictionary)
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
STANDARD["argparse"] = Namespace("argparse", {"ArgumentParser": FromPrelude("ArgumentParser")})


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
