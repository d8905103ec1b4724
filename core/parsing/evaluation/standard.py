"""Modules of Python's library, and a little of numpy, that a text may use."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from core.parsing.evaluation.budget import MAX_ITEMS
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


NUMBERS = "sqrt log log2 log10 exp ceil floor sin cos prod"  # of math and of numpy
MATH = f"{NUMBERS} tan pow fabs gcd isclose trunc hypot atan tanh erf"
NUMPY = f"{NUMBERS} sum abs cumsum max min mean round power"


def _math() -> dict[str, Any]:
    functions = {name: Builtin(f"math.{name}", getattr(math, name)) for name in MATH.split()}
    return functions | {name: getattr(math, name) for name in ("pi", "e", "inf", "nan")}


ORDERED = Type("OrderedDict", (dict,), dictionary)
PARTIAL = Type("partial", (Partial,), lambda call, function, *args, **kwargs: Partial(function, args, kwargs))
STANDARD: dict[str, Namespace] = {
    "math": Namespace("math", _math()),
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
                lambda call, v, times: list(call.evaluator.budget.items([v] * min(times, MAX_ITEMS + 1))),
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


def _plain(name: str) -> Callable[..., Any]:
    """A function of numpy whose result is a number or a list of them."""
    return lambda *args, **kwargs: _as_list(getattr(np, name)(*args, **kwargs))


def _arange(*bounds: float) -> list[float]:
    if (bounds[1] if len(bounds) > 1 else bounds[0]) > MAX_ITEMS:
        raise ValueError(f"a list of more than {MAX_ITEMS:,} items")
    return np.arange(*bounds).tolist()


def _linspace(low: float, high: float, count: int = 50) -> list[float]:
    return np.linspace(low, high, min(int(count), MAX_ITEMS)).tolist()


def _numpy() -> dict[str, Any]:
    own: dict[str, Callable[..., Any]] = {"arange": _arange, "linspace": _linspace, "array": list}
    functions = {name: _plain(name) for name in NUMPY.split()} | own
    named = {name: Builtin(f"np.{name}", function) for name, function in functions.items()}
    return named | {"pi": math.pi, "inf": math.inf, "float32": torch.float32}


STANDARD["numpy"] = Namespace("numpy", _numpy())
