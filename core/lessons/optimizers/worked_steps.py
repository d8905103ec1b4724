"""The first steps of an optimizer with numbers: every line of its update rule, and no digit that does not add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.lessons.optimizers.surfaces import STEPS, SURFACES, KnobValues, noise
from core.optim import get_optimizer
from core.optim.update_rules import Assignment, symbol

GRADIENT = Assignment("g", r"\nabla f(<theta>)", at="theta")


@dataclass(frozen=True)
class WorkedLine:
    """One line of a step with its numbers: the symbol, the numbers put in, and the result (LaTeX)."""

    target: str
    numbers: str
    result: str
    exact: bool


def worked_steps(
    surface: str,
    optimizer: str,
    start: tuple[float, float],
    lr: float,
    knobs: KnobValues = (),
    form: str = "lines",
    steps: int = 2,
    axis: int = 0,
) -> list[list[WorkedLine]]:
    """The first steps of one weight (axis 0 is x, 1 is y), line by line, as `lines` (PyTorch) or `textbook` say."""
    values = initial_values(optimizer, start, lr, knobs)
    return [
        [_with_numbers(*line, axis) for line in one_step(surface, optimizer, values, number, form)]
        for number in range(1, steps + 1)
    ]


def initial_values(optimizer: str, start: tuple[float, float], lr: float, knobs: KnobValues = ()) -> dict[str, Any]:
    """All values before the first step: the weights, a state of zeros, and the settings."""
    entry = get_optimizer(optimizer)
    lines = (*entry.lines, *entry.textbook)
    state = {line.target: np.zeros(2) for line in lines if line.is_recursive}
    own = entry.defaults | {key: value for key, value in knobs if key in entry.knobs}
    return state | own | {"theta": np.array(start), "lr": lr, "eps": entry.eps}


def one_step(
    surface: str, optimizer: str, values: dict[str, Any], number: int, form: str = "lines"
) -> list[tuple[Assignment, Mapping[str, Any], Any]]:
    """Carry out a step's lines on `values`; each line with the values before it and the value it gave."""
    entry, slope = SURFACES[surface], noise(surface, STEPS)[number - 1]
    lines = getattr(get_optimizer(optimizer), form)
    values["t"] = number
    carried_out: list[tuple[Assignment, Mapping[str, Any], Any]] = []
    if not any(line.at for line in lines):
        lines = (GRADIENT, *lines)
    for line in lines:
        if line.when and not values[line.when]:
            continue
        before = dict(values)
        gradient = np.array(entry.gradient(*values[line.at])) + slope if line.at else None
        values[line.target] = line.value(values) if gradient is None else gradient
        carried_out.append((line, before, values[line.target]))
    return carried_out


def _with_numbers(line: Assignment, before: Mapping[str, Any], after: np.ndarray, axis: int) -> WorkedLine:
    """With just so many digits that the numbers shown give the result shown."""
    target = symbol(line.target)
    result = decimal(after[axis], 6)
    if line.at:
        point = ",\\; ".join(decimal(value, 6) for value in before[line.at])
        numbers = rf"\frac{{\partial f}}{{\partial {'xy'[axis]}}}\left({point}\right)"
        return WorkedLine(target, numbers, result, _is_exact(after[axis]))
    own = {name: float(value[axis]) if isinstance(value, np.ndarray) else value for name, value in before.items()}
    for digits in range(6, 18):
        short = {name: float(f"{value:.{digits}g}") for name, value in own.items()}
        if decimal(float(line.value(short)), 6) == result:
            break
    numbers = line.with_values(lambda name: _bracketed(decimal(own[name], digits)))
    return WorkedLine(target, numbers, result, _is_exact(after[axis]))


def _is_exact(value: float) -> bool:
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
