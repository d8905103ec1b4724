"""Functions of numbers, such as `round` and `math.ceil`: worked out once their arguments have a value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from core.errors import ParseError
from core.parsing.evaluation.values import Builtin, Unknown


def of_numbers(name: str, function: Callable[..., Any]) -> Builtin:
    """A function of Python; of a number that nothing is usual for, its value is worked out where it is needed."""
    plain = Builtin(name, function)

    def run(call: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return call.call(plain, *args, **kwargs)
        except ParseError:
            source = next((one for one in args if isinstance(one, Unknown) and one.error is None), None)
            if source is None:
                raise
        evaluator = call.evaluator
        return evaluator.later(
            source, call.node, lambda: call.call(plain, *[evaluator.resolve_number(one, "", call.node) for one in args])
        )

    return Builtin(name, run, needs_call=True)


def converted(value: Any, kind: torch.dtype) -> Any:
    """`np.float32(3)`: a number of that kind, which is one of Python's here."""
    if isinstance(value, Tensor):
        return value.to(kind)
    return float(value) if kind.is_floating_point else bool(value) if kind == torch.bool else int(value)
