"""A loss as a table: the classes with the highest logits, all others together, and sums that are those of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.lessons.inspect_network.printed import printed_parts
from core.lessons.inspect_network.softmax import LossBreakdown

DIGITS = 4


@dataclass(frozen=True)
class LossRow:
    """A class, or several together, with all numbers as they are printed; `index` is None for several."""

    index: int | None
    count: int
    logit: float | None
    exponent: float | None
    exp: float
    probability: float
    target: float
    term: float
    gradient: float


def loss_rows(one: LossBreakdown, listed: Sequence[int], temperature: float) -> tuple[tuple[LossRow, ...], LossRow]:
    """A row for each listed class, one for all others if there are any, and the sums, which the printed rows add up to.

    At a temperature of 1, each printed gradient is the printed probability minus the printed target as well.
    """
    others = [k for k in range(len(one.logits)) if k not in set(listed)]
    groups = [*([k] for k in listed), *([others] if others else [])]
    columns = [
        printed_parts([float(values[group].sum()) for group in groups], DIGITS)
        for values in (one.exps, one.probabilities, one.targets, one.terms, one.gradient)
    ]
    if temperature == 1:
        columns[4] = [round(p - y, DIGITS) for p, y in zip(columns[1], columns[2], strict=True)]
    rows = []
    for group, numbers in zip(groups, zip(*columns, strict=True), strict=True):
        alone = group[0] if group is not others else None
        logit, exponent = (None, None) if alone is None else (float(one.logits[alone]), float(one.exponents[alone]))
        rows.append(LossRow(alone, len(group), logit, exponent, *numbers))
    sums = (round(sum(column), DIGITS) + 0.0 for column in columns)
    return tuple(rows), LossRow(None, len(one.logits), None, None, *sums)
