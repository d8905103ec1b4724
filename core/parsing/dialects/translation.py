"""What one layer of another framework is in PyTorch: some layers, and the shape that leaves them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, TypeVar

from core.errors import ParseError
from core.parsing.arguments import MAX_FEATURES, MAX_WINDOW
from core.parsing.plan import LayerCall, write_value

Shape = tuple[int, ...]  # (C, H, W), (C, L) or (F,): PyTorch's order, without the batch
MAX_SIDE = 65_536
Result = TypeVar("Result")


@dataclass(frozen=True)
class Translation:
    """The layers, in order, that do what the foreign one does; the shape behind them; and what is worth saying."""

    parts: tuple[LayerCall, ...]
    shape: Shape
    note: str = ""


def part(kind: str, *args: Any, **kwargs: Any) -> LayerCall:
    """A layer of torch.nn with its arguments."""
    return LayerCall(kind, args, kwargs)


def without(settings: dict[str, Any], **defaults: Any) -> dict[str, Any]:
    """The settings that differ from their defaults: what a person would write."""
    return {name: value for name, value in settings.items() if value != defaults.get(name, ...)}


def whole(value: Any, name: str, low: int = 1, high: int = MAX_FEATURES) -> int:
    """The value itself, if it is a whole number within bounds."""
    if type(value) is not int or not low <= value <= high:
        raise ParseError(f"{name}={_shown(value)} must be an integer from {low} to {high:,}.")
    return value


def each(value: Any, axes: int, name: str, low: int = 1, high: int = MAX_WINDOW) -> tuple[int, ...]:
    """One whole number for each axis, from one number or a tuple.

    >>> each(3, 2, "kernel_size"), each((3, 5), 2, "kernel_size")
    ((3, 3), (3, 5))
    """
    values = value if isinstance(value, tuple) else (value,) * axes
    if len(values) != axes and len(values) == 1:
        values = values * axes
    if len(values) != axes or not all(type(v) is int and low <= v <= high for v in values):
        raise ParseError(f"{name}={_shown(value)} must be one integer or {axes}, each from {low} to {high}.")
    return values


def short(values: Sequence[int]) -> int | tuple[int, ...]:
    """One number where all are alike.

    >>> short((3, 3)), short((3, 5))
    (3, (3, 5))
    """
    return values[0] if len(set(values)) == 1 else tuple(values)


def switch(value: Any, name: str) -> bool:
    """The value itself, if it is True or False."""
    if type(value) is not bool:
        raise ParseError(f"{name}={_shown(value)} must be True or False.")
    return value


def real(value: Any, name: str, low: float = -1e6, high: float = 1e6) -> float:
    """The value itself, if it is a number within bounds."""
    if type(value) not in (int, float) or not low <= value <= high:
        raise ParseError(f"{name}={_shown(value)} must be a number from {low:g} to {high:g}.")
    return value


def word(value: Any, name: str, known: Sequence[str]) -> str:
    """The value in small letters, if it is one of the known words."""
    if not isinstance(value, str) or value.lower() not in known:
        raise ParseError(f"{name}={_shown(value)} must be one of {', '.join(known)}.")
    return value.lower()


def _shown(value: Any) -> str:
    return value.kind if isinstance(value, LayerCall) else write_value(value)[:60]


def taking(names: str, **defaults: Any) -> Callable[[Callable[[Any], Result]], Callable[..., Result]]:
    """Lets a translator be called with settings by name, or in this order; those with a default may be left out.

    >>> taking("filters strides", strides=1)(lambda settings: settings.filters * settings.strides)(8)
    8
    """
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    listed = [inspect.Parameter(n, kind, default=defaults.get(n, inspect.Parameter.empty)) for n in names.split()]
    order = inspect.Signature(listed)

    def with_order(translate: Callable[[Any], Result]) -> Callable[..., Result]:
        @functools.wraps(translate)
        def translated(*args: Any, **kwargs: Any) -> Result:
            bound = order.bind(*args, **kwargs)
            bound.apply_defaults()
            return translate(SimpleNamespace(**bound.arguments))

        translated.__signature__ = order  # type: ignore[attr-defined]
        return translated

    return with_order
