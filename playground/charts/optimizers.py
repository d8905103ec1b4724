"""What the optimizer lesson draws: tracks on the surface, curves of losses and rates, steps written out as LaTeX."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from core.layers.optimizers import OPTIMIZERS, Line, symbols
from core.lessons.optimizers.schedules import Run
from core.lessons.optimizers.surfaces import Path
from core.lessons.optimizers.worked_steps import Written
from core.training.lr_range_test import Step
from playground.components.curves import PALETTE
from playground.components.curves import Line as Curve
from playground.components.loss_surface import Track

COLOURS = dict(zip(OPTIMIZERS, PALETTE, strict=False))
DASHES = {"AdamW": "6 5", "Nesterov": "2 3"}  # where two lie on each other, both are seen


def tracks(paths: Mapping[str, Path]) -> list[Track]:
    """A track for each optimizer's path."""
    return [
        Track(name, one.points, one.losses, COLOURS[name], one.words, one.diverged is not None, DASHES.get(name, ""))
        for name, one in paths.items()
    ]


def formulas(lines: Sequence[Line], knobs: Mapping[str, float]) -> list[str]:
    """An optimizer's lines as formulas, a row of LaTeX each; those of a knob at 0 are left out."""
    return [
        symbols(line).replace(r" \leftarrow", r" &\leftarrow")
        for line in lines
        if not line.when or knobs.get(line.when)
    ]  # fmt: skip


def written(steps: Sequence[Sequence[Written]], axis: str) -> list[list[str]]:
    """Each step's lines with their numbers, a row each; weights and gradients are told for one axis."""
    return [[_told(line, axis, number) for line in step] for number, step in enumerate(steps, start=1)]


def under_each_other(blocks: Sequence[Sequence[str]]) -> str:
    """Blocks of rows as one piece of LaTeX, with room between them and all signs of equality in one column."""
    rows = r" \\[1.2em] ".join(r" \\[2pt] ".join(block) for block in blocks)
    return rf"\begin{{aligned}} {rows} \end{{aligned}}"


def _told(line: Written, axis: str, number: int) -> str:
    target = line.target.replace(r"\theta", axis)
    sign = "=" if line.exact else r"\approx"
    return rf"{target}_{{{number}}} &= {line.numbers} {sign} {line.result}"


def padded(moments: Sequence[Step | None], what: str, steps: int) -> np.ndarray:
    """One figure of each moment (steps,), NaN from where the run ended or has not come to."""
    values = [getattr(moment, what) if moment else math.nan for moment in moments]
    return np.array(values + [math.nan] * (steps - len(values)))


def losses(
    moments: Sequence[tuple[Step | None, ...]], names: Sequence[str], colours: Sequence[str], steps: int
) -> list[Curve]:
    """The moving average of each run's loss."""
    columns = zip(*moments, strict=True) if moments else [[] for _ in names]
    return [
        Curve(name, padded(column, "smooth", steps), colour, DASHES.get(name, ""))
        for name, colour, column in zip(names, colours, columns, strict=True)
    ]


def standings(runs: Sequence[tuple[str, Run]], moments: Sequence[tuple[Step | None, ...]]) -> str:
    """Where each run stands, as a table: its rate, its loss, and at the end the share of digits it gets right."""
    rows = ["| | learning rate | loss (moving average) | digits right |", "|---|---:|---:|---:|"]
    for number, (name, run) in enumerate(runs):
        steps = [moment[number] for moment in moments if moment[number]]
        last = steps[-1] if steps else None
        loss = "" if last is None else f"{last.smooth:.4f}" if math.isfinite(last.smooth) else "no longer a number"
        right = f"{last.right:.1%}" if last and last.right is not None else ""
        rows.append(f"| {name} | {run.learning_rate:.3g} | {loss} | {right} |")
    return "\n".join(rows)
