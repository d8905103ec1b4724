"""`functools` of Python's library."""

from __future__ import annotations

from functools import cmp_to_key
from typing import Any

from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.library.dispatching import Dispatch
from core.parsing.evaluation.text_classes.decorators import cached
from core.parsing.evaluation.values import Builtin, Decorator, Function, Namespace, Partial, Type


def _reduce(call: BuiltinCall, function: Any, values: Any, *start: Any) -> Any:
    items = [*start, *call.iterate(values)]
    if not items:
        raise call.evaluator.fail(call.node, "reduce: there is nothing to begin with.", TypeError)
    total = items[0]
    for item in items[1:]:
        total = call.call(function, total, item)
    return total


def _key(call: BuiltinCall, compare: Any) -> Any:
    ranked = cmp_to_key(lambda left, right: call.call(compare, left, right))
    return Builtin("key", lambda item: ranked(item))


def _ordered(call: BuiltinCall, cls: Any) -> Any:
    return call.call(call.evaluator.from_prelude("total_ordering"), cls)


def _like(call: BuiltinCall, wrapper: Any, wrapped: Any, *more: Any) -> Any:
    return wrapper


def _cache(size: Any = None, typed: bool = False, **settings: Any) -> Any:
    """`lru_cache(maxsize=None)(build)` and `lru_cache(build)`."""
    return cached(size) if isinstance(size, Function) else Builtin("lru_cache", cached)


PARTIAL = Type("partial", (Partial,), lambda call, function, *args, **kwargs: Partial(function, args, kwargs))
FUNCTOOLS = Namespace(
    "functools",
    {
        "partial": PARTIAL,
        "partialmethod": Builtin(
            "partialmethod", lambda function, *args, **named: Partial(function, args, named, True)
        ),
        "reduce": Builtin("reduce", _reduce, needs_call=True),
        "cmp_to_key": Builtin("cmp_to_key", _key, needs_call=True),
        "update_wrapper": Builtin("update_wrapper", _like, needs_call=True),
        "cache": Builtin("cache", cached),
        "lru_cache": Builtin("lru_cache", _cache),
        "singledispatch": Decorator("singledispatch", Dispatch),
        "singledispatchmethod": Decorator("singledispatchmethod", lambda function: Dispatch(function, is_method=True)),
        "total_ordering": Decorator("total_ordering", _ordered, needs_call=True),
    },
)
