"""`bisect` and `heapq` of Python's library, of numbers and words."""

from __future__ import annotations

import bisect
import heapq
from collections.abc import Callable
from typing import Any

from core.parsing.evaluation.builtins import BUILTINS
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, Namespace


def _of_list(function: Callable[..., Any]) -> Callable[..., Any]:
    def run(call: BuiltinCall, values: Any, *args: Any) -> Any:
        if not isinstance(values, list):
            raise call.fail("it takes a list.")
        call.evaluator.budget.size(len(values) + 1, call.node)
        return function(values, *args)

    return run


def _first(is_large: bool) -> Callable[..., Any]:
    def run(call: BuiltinCall, count: int, values: Any, key: Any = None) -> Any:
        named = {"key": key, "reverse": is_large}
        return call.call(BUILTINS["sorted"], values, **named)[: max(count, 0)]

    return run


def _made(functions: dict[str, Callable[..., Any]]) -> dict[str, Builtin]:
    return {name: Builtin(name, function, needs_call=True) for name, function in functions.items()}


_BISECT = ("bisect", "bisect_left", "bisect_right", "insort", "insort_left", "insort_right")
_HEAPQ = ("heapify", "heappush", "heappop", "heapreplace", "heappushpop")
SEARCHING = {
    "bisect": Namespace("bisect", _made({name: _of_list(getattr(bisect, name)) for name in _BISECT})),
    "heapq": Namespace(
        "heapq",
        _made({name: _of_list(getattr(heapq, name)) for name in _HEAPQ})
        | _made({"nlargest": _first(True), "nsmallest": _first(False)}),
    ),
}
