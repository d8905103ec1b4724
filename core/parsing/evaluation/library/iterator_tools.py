"""`itertools` of Python's library: items come one by one, as they are asked for."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterator
from typing import Any

from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.lazy_items import LazyItems
from core.parsing.evaluation.values import Builtin, Namespace, Shared


def _items(call: BuiltinCall, values: Any) -> Iterator[Any]:
    return call.evaluator.iterate(values, call.node)


def _source(call: BuiltinCall, values: Any) -> Any:
    """An iterator itself, of which no more is taken than is needed."""
    return values if hasattr(values, "__next__") else _items(call, values)


def _paid(call: BuiltinCall, items: Iterator[Any]) -> LazyItems:
    return LazyItems(call.evaluator.budget.items(items, call.node))


def _holds(call: BuiltinCall, test: Any) -> Callable[[Any], bool]:
    return lambda item: call.evaluator.is_true(item if test is None else call.call(test, item), call.node)


def _product(call: BuiltinCall, *values: Any, repeat: int = 1) -> LazyItems:
    call.evaluator.budget.size(int(repeat), call.node)
    pools = [call.iterate(value) for value in values] * int(repeat)
    return _paid(call, itertools.product(*pools))


def _accumulated(call: BuiltinCall, values: Any, function: Any = None, initial: Any = None) -> LazyItems:
    def combine(left: Any, right: Any) -> Any:
        if function is None:
            return call.evaluator.operate(ast.Add(), left, right, call.node)
        return call.call(function, left, right)

    return LazyItems(itertools.accumulate(_items(call, values), combine, initial=initial))


def _chosen(choose: Callable[..., Any]) -> Callable[..., Any]:
    """Combinations and permutations, each paid for."""

    def run(call: BuiltinCall, values: Any, r: Any = None) -> LazyItems:
        items = call.iterate(values)
        count = len(items) if r is None else int(r)
        call.evaluator.budget.size(count, call.node)
        return _paid(call, choose(items, count))

    return run


def _joined(call: BuiltinCall, values: Any) -> LazyItems:
    return LazyItems(item for one in _items(call, values) for item in _items(call, one))


def _islice(call: BuiltinCall, values: Any, *how: Any) -> LazyItems:
    bounds = [call.evaluator.resolve(one, call.node) for one in how]
    return LazyItems(itertools.islice(call.evaluator.budget.items(_source(call, values), call.node), *bounds))


def _grouped(call: BuiltinCall, values: Any, key: Any = None) -> LazyItems:
    """`groupby`: groups of neighbours whose keys are equal."""

    def keyed(item: Any) -> Any:
        return item if key is None else call.call(key, item)

    groups = itertools.groupby(_items(call, values), keyed)
    return LazyItems((name, LazyItems(group)) for name, group in groups)


def _batched(call: BuiltinCall, values: Any, n: int) -> LazyItems:
    items = _items(call, values)
    return LazyItems(iter(lambda: tuple(itertools.islice(items, max(int(n), 1))), ()))


def _tee(call: BuiltinCall, values: Any, n: int = 2) -> tuple[LazyItems, ...]:
    call.evaluator.budget.size(int(n), call.node)
    return tuple(map(LazyItems, itertools.tee(_items(call, values), int(n))))


class Repeated(Shared):
    """`repeat(value)`, any number of times."""

    def __init__(self, value: Any, times: int | None = None):
        self.items = itertools.repeat(value) if times is None else itertools.repeat(value, times)

    def __iter__(self) -> Repeated:
        return self

    def __next__(self) -> Any:
        return next(self.items)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "product": _product,
    "accumulate": _accumulated,
    "islice": _islice,
    "groupby": _grouped,
    "batched": _batched,
    "tee": _tee,
    "combinations": _chosen(itertools.combinations),
    "combinations_with_replacement": _chosen(itertools.combinations_with_replacement),
    "permutations": _chosen(itertools.permutations),
    "zip_longest": lambda call, *values, fillvalue=None: LazyItems(
        itertools.zip_longest(*(_items(call, one) for one in values), fillvalue=fillvalue)
    ),
    "takewhile": lambda call, test, values: LazyItems(itertools.takewhile(_holds(call, test), _source(call, values))),
    "dropwhile": lambda call, test, values: LazyItems(itertools.dropwhile(_holds(call, test), _source(call, values))),
    "filterfalse": lambda call, test, values: LazyItems(
        itertools.filterfalse(_holds(call, test), _items(call, values))
    ),
    "compress": lambda call, values, switches: LazyItems(
        one
        for one, keep in zip(_items(call, values), _items(call, switches), strict=False)
        if call.evaluator.is_true(keep, call.node)
    ),
    "starmap": lambda call, function, values: LazyItems(
        call.call(function, *call.iterate(one)) for one in _items(call, values)
    ),
    "pairwise": lambda call, values: LazyItems(itertools.pairwise(_items(call, values))),
    "repeat": lambda call, value, times=None: Repeated(value, times),
    "count": lambda call, start=0, step=1: itertools.count(start, step),
    "cycle": lambda call, values: itertools.cycle(call.iterate(values)),
}
CHAIN = Namespace(
    "chain",
    {"from_iterable": Builtin("from_iterable", _joined, needs_call=True)},
    function=Builtin("chain", lambda call, *values: _joined(call, values), needs_call=True),
)
ITERTOOLS = Namespace(
    "itertools",
    {"chain": CHAIN, **{name: Builtin(name, function, needs_call=True) for name, function in _FUNCTIONS.items()}},
)
