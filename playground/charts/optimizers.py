"""What the optimizers page draws: tracks on the surface, curves of losses and rates, steps with numbers as LaTeX."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from core.lessons.optimizers.surfaces import DescentPath
from core.lessons.optimizers.training import LessonStep
from core.lessons.optimizers.worked_steps import WorkedLine
from core.optim import OPTIMIZERS
from core.optim.update_rules import Assignment
from playground.components.curves import PALETTE, Line
from playground.components.loss_surface import Track

DASHES = {"AdamW": "6 5", "Nesterov": "2 3"}  # where two lie on each other, both are seen


def colour(name: str, number: int) -> str:
    """An optimizer has the same colour everywhere; of other runs each has its own."""
    index = list(OPTIMIZERS).index(name) if name in OPTIMIZERS else number
    return PALETTE[index % len(PALETTE)]


def tracks(paths: Mapping[str, DescentPath]) -> list[Track]:
    """A track for each optimizer's path."""
    return [
        Track(
            name, path.points, path.losses, colour(name, number), path.outcome, path.diverged is not None,
            DASHES.get(name, ""),
        )
        for number, (name, path) in enumerate(paths.items())
    ]  # fmt: skip


def formulas(lines: Sequence[Assignment], knobs: Mapping[str, float]) -> list[str]:
    """An optimizer's lines as formulas, a row of LaTeX each; those of a knob at 0 are left out."""
    return [
        line.formula.replace(r" \leftarrow", r" &\leftarrow")
        for line in lines
        if not line.when or knobs.get(line.when)
    ]  # fmt: skip


def worked(steps: Sequence[Sequence[WorkedLine]], axis: str) -> list[list[str]]:
    """Each step's lines with their numbers, a row each; weights and gradients are those of one axis."""
    return [[_row(line, axis, number) for line in step] for number, step in enumerate(steps, start=1)]


def under_each_other(blocks: Sequence[Sequence[str]]) -> str:
    """Blocks of rows as one piece of LaTeX, with room between them and all signs of equality in one column."""
    rows = r" \\[1.2em] ".join(r" \\[2pt] ".join(block) for block in blocks)
    return rf"\begin{{aligned}} {rows} \end{{aligned}}"


def _row(line: WorkedLine, axis: str, number: int) -> str:
    target = line.target.replace(r"\theta", axis)
    sign = "=" if line.exact else r"\approx"
    return rf"{target}_{{{number}}} &= {line.numbers} {sign} {line.result}"


def padded(steps: Sequence[LessonStep | None], figure: str, length: int) -> np.ndarray:
    """One figure of each step (length,), NaN from where the run ended or has not come to."""
    values = [getattr(step, figure) if step else math.nan for step in steps]
    return np.array(values + [math.nan] * (length - len(values)))


def losses(history: Sequence[tuple[LessonStep | None, ...]], names: Sequence[str], steps: int) -> list[Line]:
    """The moving average of each run's loss."""
    columns = zip(*history, strict=True) if history else [[] for _ in names]
    return [
        Line(name, padded(column, "smooth", steps), colour(name, number), DASHES.get(name, ""))
        for number, (name, column) in enumerate(zip(names, columns, strict=True))
    ]
