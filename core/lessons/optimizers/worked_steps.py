"""The first steps of an optimizer written out: every line of it with its numbers, and no digit that does not add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.layers import optimizers
from core.lessons.optimizers.surfaces import SURFACES, Knobs, noise


@dataclass(frozen=True)
class Written:
    """One line of a step with its numbers: the formula, the numbers put in, and the result (LaTeX)."""

    target: str
    numbers: str
    result: str
    exact: bool


def written(
    surface: str,
    optimizer: str,
    start: tuple[float, float],
    lr: float,
    knobs: Knobs = (),
    form: str = "lines",
    steps: int = 2,
    axis: int = 0,
) -> list[list[Written]]:
    """The first steps of one weight (axis 0 is x, 1 is y), line by line, as `lines` (PyTorch) or `textbook` say."""
    values = initial(optimizer, start, lr, knobs)
    return [
        [
            _line(line, before, after, axis)
            for line, before, after in one_step(surface, optimizer, values, number, form)
        ]
        for number in range(1, steps + 1)
    ]  # fmt: skip


def initial(optimizer: str, start: tuple[float, float], lr: float, knobs: Knobs = ()) -> dict[str, Any]:
    """All values before the first step: the weights, zeros to remember, and the settings."""
    own = optimizers.defaults(optimizer) | {
        key: value for key, value in knobs if key in optimizers.OPTIMIZERS[optimizer].knobs
    }
    zero = np.zeros(2)
    return own | {
        "theta": np.array(start), "lr": lr, "eps": optimizers.EPS.get(optimizer, 0.0), "v": zero, "m": zero, "G": zero
    }  # fmt: skip


def one_step(
    surface: str, optimizer: str, values: dict[str, Any], number: int, form: str = "lines"
) -> list[tuple[optimizers.Line, Mapping[str, Any], Any]]:
    """Carry out a step's lines on `values`; each line with the values before it and the value it gave."""
    place, entry = SURFACES[surface], optimizers.OPTIMIZERS[optimizer]
    rough = noise(surface, 150)[number - 1]

    def slope(theta: np.ndarray) -> np.ndarray:
        return np.array(place.gradient(*theta)) + rough

    lines = getattr(entry, form)
    values["t"] = number
    told = []
    if not any(line.at for line in lines):
        lines = (optimizers.Line("g", r"\nabla f(<theta>)", lambda s: s["g"], at="theta"), *lines)
    for line in lines:
        if line.when and not values[line.when]:
            continue
        before = dict(values)
        values[line.target] = slope(values[line.at]) if line.at else line.value(values)
        told.append((line, before, values[line.target]))
    return told


def _line(line: optimizers.Line, before: Mapping[str, Any], after: np.ndarray, axis: int) -> Written:
    """With just so many digits that the numbers shown give the result shown."""
    target = optimizers.SYMBOLS.get(line.target, line.target)
    if line.at:
        name = "x" if axis == 0 else "y"
        point = ",\\; ".join(decimal(value, 6) for value in before[line.at])
        return Written(
            target,
            rf"\frac{{\partial f}}{{\partial {name}}}\left({point}\right)",
            decimal(after[axis], 6),
            _exact(after[axis]),
        )
    own = {name: float(value[axis]) if isinstance(value, np.ndarray) else value for name, value in before.items()}
    for digits in range(6, 18):
        short = {name: float(f"{value:.{digits}g}") for name, value in own.items()}
        shown = decimal(after[axis], 6)
        if decimal(float(line.value(short)), 6) == shown:
            break
    numbers = optimizers.places(line.latex, lambda name: _bracketed(decimal(own[name], digits)))
    return Written(target, numbers, shown, _exact(after[axis]))


def _exact(value: float) -> bool:
    """Whether six digits say all there is, but for the rounding of float64."""
    return abs(float(f"{value:.6g}") - value) <= 1e-14 * abs(value)


def decimal(value: float, digits: int) -> str:
    """A number for LaTeX with so many significant digits.

    >>> decimal(0.25, 6), decimal(1e-8, 6), decimal(-1234567.0, 3)
    ('0.25', '10^{-8}', '-1.23 \\\\cdot 10^{6}')
    """
    text = f"{value:.{digits}g}"
    if "e" not in text:
        return "0" if text == "-0" else text
    head, power = text.split("e")
    return f"10^{{{int(power)}}}" if head == "1" else rf"{head} \cdot 10^{{{int(power)}}}"


def _bracketed(text: str) -> str:
    """In brackets where a sign or a product would be misread."""
    return rf"({text})" if text.startswith("-") or "cdot" in text else text
