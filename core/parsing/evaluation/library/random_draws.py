"""`random` of a text: what its seed gives, or else a possible outcome, and a note that it is drawn."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, Namespace, Unknown, type_name

MOST_NOTED = 3
PLAIN = (bool, int, float, str)
_WITHOUT_SEED: dict[str, Callable[..., Any]] = {
    "random": lambda: 0.5,
    "uniform": lambda low, high: (low + high) / 2,
    "randint": lambda low, high: low,
    "randrange": lambda *bounds: bounds[0] if len(bounds) > 1 else 0,
    "gauss": lambda mu=0.0, sigma=1.0: mu,
    "choice": lambda values: values[0],
    "choices": lambda values, *weights, k=1: [values[0]] * k,
    "sample": lambda values, k: list(values)[:k],
    "shuffle": lambda values: None,
}


def _seed(call: BuiltinCall, value: Any = None, *args: Any) -> None:
    """`random.seed(3)`; a seed that is not known is none."""
    call.evaluator.seeded = random.Random(value) if isinstance(value, PLAIN) else None


def _draw(name: str, possible: Callable[..., Any]) -> Builtin:
    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        evaluator = call.evaluator
        values = [evaluator.resolve(one, call.node) for one in args]
        named = {key: evaluator.resolve(one, call.node) for key, one in kwargs.items()}
        for one in (*values, *named.values()):
            evaluator.budget.size(len(one) if isinstance(one, (list, tuple, str, range)) else 1, call.node)
        if name in ("choices", "sample"):
            evaluator.budget.size(int(named.get("k", values[1] if len(values) > 1 else 1)), call.node)
        drawn = (getattr(evaluator.seeded, name) if evaluator.seeded is not None else possible)(*values, **named)
        _note(call, drawn)
        return drawn

    return Builtin(f"random.{name}", run, needs_call=True)


def _note(call: BuiltinCall, drawn: Any) -> None:
    """Says what is drawn, but for what `forward` draws."""
    evaluator = call.evaluator
    if evaluator.run.input_shape is not None or isinstance(drawn, Unknown):
        return
    shown = str(drawn)[:60] if isinstance(drawn, PLAIN) else "" if drawn is None else type_name(drawn)
    taken = f"; {shown} is taken" if shown else "; one order is taken"
    said = f"Line {getattr(call.node, 'lineno', 1)}: {call.name} draws{taken}."
    if said not in evaluator.notes and sum(" draws; " in one for one in evaluator.notes) < MOST_NOTED:
        evaluator.notes.append(said)


RANDOM = Namespace(
    "random",
    {
        "seed": Builtin("random.seed", _seed, needs_call=True),
        **{name: _draw(name, possible) for name, possible in _WITHOUT_SEED.items()},
    },
)
