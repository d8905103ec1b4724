"""A number, choice or switch that a person may move: its default and its bounds, beside the thing it moves."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Knob:
    """What a control needs to know about one setting.

    `low` and `high` are inclusive; `choices`, where given, replaces them, and a mapping says how each is shown. The
    type of `default` is the type of the setting: bool, int, float or str. A `log` knob moves in
    factors (1, 2, 5, 10, ...) between positive bounds; one with `fine` moves by `step` up to that distance from zero,
    and in longer steps beyond it; a `typed` one is a box to type in: a count that people know, or one whose every value
    redraws much.

    >>> Knob(3, 1, 9).clamp(12)
    9
    >>> Knob("zeros", choices=("zeros", "reflect")).clamp("garbage")
    'zeros'
    """

    default: Any
    low: float | None = None
    high: float | None = None
    step: float | None = None
    choices: tuple[Any, ...] | Mapping[Any, str] = ()
    label: str = ""
    help: str | None = None
    log: bool = False
    fine: float | None = None
    typed: bool = False

    def title(self, name: str) -> str:
        """What a control of the setting called `name` is labelled.

        >>> Knob(3, label="Kernel size").title("k"), Knob(3).title("batch_size")
        ('Kernel size', 'Batch size')
        """
        return self.label or name.replace("_", " ").capitalize()

    def clamp(self, value: Any) -> Any:
        """The nearest legal value; the default where there is no nearest."""
        if self.choices:
            return value if value in self.choices else self.default
        if self.low is None or self.high is None:
            return value
        return type(self.default)(min(max(value, self.low), self.high))


class HasKnobs:
    """What the entries of registries share that have knobs."""

    knobs: Mapping[str, Knob]

    @property
    def defaults(self) -> dict[str, Any]:
        """Every knob at its default."""
        return {key: knob.default for key, knob in self.knobs.items()}


class Layer(HasKnobs):
    """The same for layers, whose `code` is the expression that builds one, with {knob} places."""

    code: str

    @property
    def own(self) -> str:
        """Our class that `code` calls where PyTorch has none, else empty."""
        return "" if self.code.startswith("nn.") else self.code.partition("(")[0]


def knob(default: Any, low: float | None = None, high: float | None = None, **rest: Any) -> Any:
    """A dataclass field with a `Knob`: `kernel: int = knob(3, 1, 9)`."""
    return dataclasses.field(default=default, metadata={"knob": Knob(default, low, high, **rest)})


def knobs_of(config: type) -> dict[str, Knob]:
    """The knobs of a config dataclass, by field name, in order.

    >>> @dataclass(frozen=True)
    ... class Window:
    ...     kernel: int = knob(3, 1, 9)
    >>> knobs_of(Window)["kernel"].high
    9
    """
    return {f.name: f.metadata["knob"] for f in dataclasses.fields(config) if "knob" in f.metadata}
