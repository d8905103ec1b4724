"""Modules of Python's library that a text may use."""

from __future__ import annotations

import itertools
import math
from typing import Any

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
