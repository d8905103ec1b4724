"""What evaluating a stranger's text may cost. Every step, item, layer and tensor is paid for before it exists."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from core.errors import ParseError

MAX_STEPS = 360_000  # expressions and statements, about a microsecond each
BESIDE_STEPS = 60_000  # of a statement that builds no layers, such as one that makes data
PASSING_STEPS = 80_000  # of a loop that builds networks and keeps none of them, such as one that tests each
MAX_TOTAL = 380_000  # of all attempts at one text together
MAX_DEPTH = 40  # functions, methods and modules that call each other
MAX_LAYERS = 4000
MAX_ITEMS = 20_000  # of one list, string, range ...
MAX_NUMBER = 10**12
MAX_VALUES = 2**40  # of one tensor without memory
MAX_REAL_VALUES = 2**29  # of one tensor with memory: 2 GiB of fp32
LAYER_STEPS, TENSOR_STEPS = 50, 20  # what building a layer and one operation on tensors take, in steps

Item = TypeVar("Item")


class ExhaustedBudgetError(ParseError):
    """A text costs more than it may; no other attempt at it costs less."""


@dataclass
class Budget:
    """What is left of it. Spending more than that raises a ParseError that names the line."""

    steps: int = MAX_STEPS
    layers: int = MAX_LAYERS
    depth: int = field(default=0, init=False)
    given: int = field(default=0, init=False)
    kept_back: int = field(default=0, init=False)  # steps that a statement beside the networks may not take
    may_take_all: Callable[[], bool] = field(default=lambda: False, init=False)

    def __post_init__(self) -> None:
        self.given = self.steps

    @property
    def spent(self) -> int:
        """Steps that have been paid."""
        return self.given - self.steps - self.kept_back

    @contextlib.contextmanager
    def small(self, may_take_all: Callable[[], bool]) -> Iterator[None]:
        """For a while, no more than a part of what is left, unless layers are made or what is asked then is so."""
        layers = self.layers
        with self.at_most(BESIDE_STEPS, lambda: self.layers != layers or may_take_all()):
            yield

    @contextlib.contextmanager
    def at_most(self, steps: int, may_take_all: Callable[[], bool] = lambda: False) -> Iterator[None]:
        """For a while, no more than so many of the steps that are left, unless what is asked then is so."""
        if self.kept_back:
            yield
            return
        self.kept_back, self.may_take_all = max(self.steps - steps, 0), may_take_all
        self.steps -= self.kept_back
        try:
            yield
        finally:
            self._release()

    def _release(self) -> None:
        self.steps, self.kept_back = max(self.steps, 0) + self.kept_back, 0

    def step(self, node: ast.AST | None = None, count: int = 1) -> None:
        """Pays for so many steps."""
        self.steps -= count
        if self.steps < 0 and self.kept_back and self.may_take_all():
            self._release()
        if self.steps < 0:
            raise ExhaustedBudgetError(
                f"{place(node)}this text takes more than {MAX_STEPS:,} steps to evaluate: make it shorter."
            )

    def layer(self, node: ast.AST | None = None, count: int = 1) -> None:
        """Pays for so many layers."""
        self.layers -= count
        if self.layers < 0:
            raise ParseError(f"{place(node)}the network has more than {MAX_LAYERS:,} layers.")
        self.step(node, LAYER_STEPS * min(count, MAX_LAYERS))

    def items(self, values: Iterable[Item], node: ast.AST | None = None) -> Iterator[Item]:
        """The items, each paid for."""
        for count, value in enumerate(values):
            if count >= MAX_ITEMS:
                raise ParseError(f"{place(node)}a list expands to more than {MAX_ITEMS:,} items: write fewer.")
            self.step(node)
            yield value

    def size(self, count: float, node: ast.AST | None = None) -> None:
        """Pays for a list or string of so many items before it is made."""
        if count > MAX_ITEMS:
            raise ParseError(f"{place(node)}a list expands to more than {MAX_ITEMS:,} items: write fewer.")
        self.step(node, int(count) // 8)


def bounded(value: Any, node: ast.AST | None = None) -> Any:
    """The value itself, unless it is a number that no network needs.

    >>> bounded(7)
    7
    """
    if isinstance(value, complex):
        raise ParseError(f"{place(node)}a number here has no real value.")
    if isinstance(value, int) and not -MAX_NUMBER <= value <= MAX_NUMBER:
        raise ParseError(f"{place(node)}a number here is beyond {MAX_NUMBER:,}; no layer needs one that large.")
    return value


def is_too_large(error: ParseError) -> bool:
    """Whether a budget was spent: a smaller network of the same text may be evaluated.

    >>> is_too_large(ParseError(f"Line 3: the network has more than {MAX_LAYERS:,} layers."))
    True
    """
    return any(f"more than {count:,}" in str(error) for count in (MAX_LAYERS, MAX_STEPS, MAX_ITEMS))


def place(node: ast.AST | None) -> str:
    """How a sentence about a node begins.

    >>> place(ast.parse("\\n\\nx").body[0]), place(None)
    ('Line 3: ', '')
    """
    line = getattr(node, "lineno", None)
    return f"Line {line}: " if line else ""
