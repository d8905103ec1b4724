"""`itertools` and `operator` of Python's library, as far as a text may use them."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterator
from typing import Any

from core.parsing.evaluation.budget import MAX_ITEMS
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.lazy_items import LazyItems
from core.parsing.evaluation.values import Builtin, Namespace


def _product(call: BuiltinCall, *values: Any, repeat: int = 1) -> list[Any]:
    pools = [call.iterate(value) for value in values] * min(int(repeat), 8)
    return list(call.evaluator.budget.items(itertools.product(*pools), call.node))


def _pairs(items: list[Any]) -> list[tuple[Any, Any]]:
    return list(itertools.pairwise(items))


def _accumulated(call: BuiltinCall, values: Any) -> Any:
    return iter(list(itertools.accumulate(call.evaluator.resolve_all(call.iterate(values), call.node))))


def _longest(call: BuiltinCall, *values: Any, fillvalue: Any = None) -> Any:
    return iter(list(itertools.zip_longest(*map(call.iterate, values), fillvalue=fillvalue)))


def _chosen(choose: Callable[..., Any]) -> Callable[..., Any]:
    """Combinations and permutations, each paid for."""
    return lambda call, values, *r: iter(
        list(call.evaluator.budget.items(choose(call.iterate(values), *map(int, r)), call.node))
    )


def _joined(call: BuiltinCall, values: Any) -> Any:
    return iter([item for one in call.iterate(values) for item in call.iterate(one)])


def _operation(sign: ast.operator) -> Callable[..., Any]:
    return lambda call, left, right: call.evaluator.operate(sign, left, right, call.node)


def _made(**functions: Callable[..., Any]) -> dict[str, Any]:
    return {name: Builtin(name, function, needs_call=True) for name, function in functions.items()}


CHAIN = Namespace(
    "chain",
    _made(from_iterable=_joined),
    function=Builtin("chain", lambda call, *values: _joined(call, values), needs_call=True),
)
ITERTOOLS = Namespace(
    "itertools",
    {
        "chain": CHAIN,
        **_made(product=_product, accumulate=_accumulated, zip_longest=_longest),
        **_made(combinations=_chosen(itertools.combinations), permutations=_chosen(itertools.permutations)),
        **_made(
            takewhile=lambda call, test, values: LazyItems(
                itertools.takewhile(_holds(call, test), _items(call, values))
            ),
            dropwhile=lambda call, test, values: LazyItems(
                itertools.dropwhile(_holds(call, test), _items(call, values))
            ),
            starmap=lambda call, function, values: LazyItems(
                call.call(function, *call.iterate(one)) for one in _items(call, values)
            ),
            pairwise=lambda call, values: iter(_pairs(call.iterate(values))),
            islice=lambda call, values, *how: iter(list(itertools.islice(_source(call, values), *how))),
            repeat=lambda call, value, times: list(call.evaluator.budget.items([value] * min(times, MAX_ITEMS + 1))),
            count=lambda call, start=0, step=1: itertools.count(start, step),
            cycle=lambda call, values: itertools.cycle(call.iterate(values)),
        ),
    },
)
SIGNS = {"add": ast.Add(), "sub": ast.Sub(), "mul": ast.Mult(), "truediv": ast.Div(), "floordiv": ast.FloorDiv()}
OPERATOR = Namespace("operator", _made(**{name: _operation(sign) for name, sign in SIGNS.items()}))


def _items(call: BuiltinCall, values: Any) -> Iterator[Any]:
    return call.evaluator.iterate(values, call.node)


def _holds(call: BuiltinCall, test: Any) -> Callable[[Any], bool]:
    return lambda item: call.evaluator.is_true(call.call(test, item), call.node)


def _source(call: BuiltinCall, values: Any) -> Any:
    return values if hasattr(values, "__next__") else call.iterate(values)
