"""What goes through items or picks among them: `zip`, `map`, `sorted`, `max`, `next` and their kind."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from functools import cmp_to_key, partial
from typing import Any

from core.errors import ParseError
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.known import as_number
from core.parsing.evaluation.lazy_items import LazyItems, until_stopped
from core.parsing.evaluation.values import MISSING, Builtin, Instance, Unknown, type_name


def listed(kind: Callable[[Any], Any], name: str) -> Callable[..., Any]:
    def build(call: BuiltinCall, values: Any = (), **settings: Any) -> Any:
        evaluator = call.evaluator
        before = dict(evaluator.assumed), dict(evaluator.assumed_paths)
        try:
            return kind(call.iterate(values))
        except ParseError:
            if not isinstance(values, Unknown) or values.error is not None:
                raise
        evaluator.assumed, evaluator.assumed_paths = before
        path = f"{name}({values.path})" if values.path else ""
        return replace(values, name="", compute=None, path=path, parts={})  # of data that only a run knows

    return build


def of_data(run: Callable[..., Any]) -> Callable[..., Any]:
    """A function that goes through items; of data that only a run knows it gives something as unknown."""

    def build(call: BuiltinCall, *values: Any, **settings: Any) -> Any:
        evaluator = call.evaluator
        before = dict(evaluator.assumed), dict(evaluator.assumed_paths)
        try:
            return run(call, *values, **settings)
        except ParseError:
            source = next((one for one in values if isinstance(one, Unknown)), None)
            if source is None or source.error is not None:
                raise
        evaluator.assumed, evaluator.assumed_paths = before
        return source.made_of_it()

    return build


def _range(call: BuiltinCall, *bounds: Any) -> range:
    return range(*(_bound(call, bound) for bound in bounds))


def _bound(call: BuiltinCall, value: Any) -> Any:
    """The end of a range, such as how many layers are made; two where that is a setting nothing is usual for."""
    if isinstance(value, Unknown) and value.is_setting:
        return call.evaluator.resolve_number(value, "num_layers", call.node)
    number = call.evaluator.resolve(value, call.node)
    own = call.evaluator.own_method(number, "__index__")
    return as_number(number) if own is MISSING else call.call(own)


def _zip(call: BuiltinCall, *values: Any, strict: bool = False) -> Any:
    return LazyItems(zip(*(call.evaluator.iterate(value, call.node) for value in values), strict=strict))


def _enumerate(call: BuiltinCall, values: Any, start: int = 0) -> Any:
    return LazyItems(enumerate(call.evaluator.iterate(values, call.node), start))


def _map(call: BuiltinCall, function: Any, *values: Any) -> Any:
    if not values:
        raise call.evaluator.fail(call.node, "map: it takes a function and what it is called with.", TypeError)
    sources = [call.evaluator.iterate(one, call.node) for one in values]
    return LazyItems(call.call(function, *items) for items in zip(*sources, strict=False))


def _filter(call: BuiltinCall, function: Any, values: Any) -> Any:
    keep = (lambda item: item) if function is None else (lambda item: call.call(function, item))
    items = call.evaluator.iterate(values, call.node)
    return LazyItems(item for item in items if call.evaluator.is_true(keep(item), call.node))


def _ranked(call: BuiltinCall, key: Any) -> Callable[[Any], Any]:
    """By what items are compared: objects of the text by their `__lt__` or `__gt__`, whichever they have."""

    def compared(left: Any, right: Any) -> int:
        is_less, is_more = (call.evaluator.own_method(left, name) is not MISSING for name in ("__lt__", "__gt__"))
        sign, one = (ast.Gt(), 1) if is_more and not is_less else (ast.Lt(), -1)
        if call.evaluator.is_true(call.evaluator.compared(sign, left, right, call.node), call.node):
            return one
        return -one if call.evaluator.is_true(call.evaluator.compared(sign, right, left, call.node), call.node) else 0

    in_order = cmp_to_key(compared)

    def rank(item: Any) -> Any:
        value = item if key is None else call.call(key, item)
        return in_order(value) if isinstance(value, Instance) else value

    return rank


def _sorted(call: BuiltinCall, values: Any, key: Any = None, reverse: bool = False) -> Any:
    in_order = partial(sorted, key=_ranked(call, key), reverse=reverse)
    return listed(in_order, "sorted")(call, values)


def _reversed(call: BuiltinCall, values: Any) -> Any:
    if (own := call.evaluator.own_method(values, "__reversed__")) is not MISSING:
        return call.call(own)
    if hasattr(values, "__next__") or isinstance(values, (set, frozenset)):
        raise call.evaluator.fail(call.node, f"{type_name(values)} has no order to be reversed.", TypeError)
    return iter(call.iterate(values)[::-1])


def _best(choose: Callable[..., Any]) -> Callable[..., Any]:
    def run(call: BuiltinCall, *values: Any, key: Any = None, **default: Any) -> Any:
        items = call.iterate(values[0]) if len(values) == 1 else [call.evaluator.resolve(v, call.node) for v in values]
        return choose(items, key=_ranked(call, key), **default)

    return run


def _sum(call: BuiltinCall, values: Any, start: Any = 0) -> Any:
    total = start
    for value in call.iterate(values):
        total = call.evaluator.operate(ast.Add(), total, value, call.node)
    return total


def _any_of(decide: Callable[..., bool]) -> Callable[..., bool]:
    def run(call: BuiltinCall, values: Any) -> bool:
        items = call.evaluator.iterate(values, call.node)  # no more of them than it takes to tell
        return decide(call.evaluator.is_true(item, call.node) for item in items)

    return run


def _next(call: BuiltinCall, values: Any, *default: Any) -> Any:
    if (own := call.evaluator.own_method(values, "__next__")) is not MISSING:
        values = until_stopped(lambda: call.call(own))
    if not hasattr(values, "__next__"):
        raise call.fail(f"{type_name(values)} is no iterator.")
    try:
        return next(values, *default)
    except StopIteration:
        raise call.evaluator.fail(call.node, "next: nothing is left to take.", StopIteration) from None


def _iterator(call: BuiltinCall, values: Any, *end: Any) -> Any:
    if end:
        return LazyItems(iter(lambda: call.call(values), end[0]))
    return values if hasattr(values, "__next__") else LazyItems(call.evaluator.iterate(values, call.node))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{"range": _range, "zip": of_data(_zip), "enumerate": of_data(_enumerate), "map": _map, "filter": _filter},
    **{
        "sum": _sum,
        "sorted": _sorted,
        "reversed": of_data(_reversed),
        "max": _best(max),
        "min": _best(min),
        "next": _next,
    },
    **{"any": _any_of(any), "all": _any_of(all), "iter": _iterator},
    "xrange": _range,  # of Python 2, in which many a text is written
}
ITERATING = {name: Builtin(name, function, needs_call=True) for name, function in _FUNCTIONS.items()}
