"""What the optimizers page says, computed from what it shows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from core.lessons.optimizers.surfaces import DescentPath, LossSurface
from core.lessons.optimizers.training import RANGE_TEST_STEPS, LessonRun, LessonStep
from core.optim import Optimizer, Schedule
from core.optim.update_rules import legend
from core.training.lr_range_test import RangeTestStep

SCHEDULES = "Click a name in the legend to show another schedule, with its standard settings."
WATCHES = " This one follows the loss; drawn for a loss that falls until halfway."
NO_OPTIMIZER = "Choose at least one optimizer."
DIGITS = (
    "A network of 64, 32, 32 and 10 units learns 1,797 handwritten digits in batches of 128; all runs have the same "
    "initial weights and the same batches. Lines are moving averages. The accuracy is that on the training digits."
)
RunsAtStep = tuple[LessonStep | None, ...]


def surface(chosen: LossSurface) -> str:
    """The symbols of the surface's formula, and what is special about it."""
    noise = ", $n_t$ = noise of step $t$" if chosen.noise else ""
    symbols = f"where $f$ = loss, $x$ and $y$ = the two weights{noise}"
    return f"{symbols}\n\n{chosen.description} The cross marks the minimum. Click or drag to choose the starting point."


def diverged(paths: Mapping[str, DescentPath], lr: float) -> str:
    """Who diverges at this learning rate; empty where nobody does."""
    names = [name for name, path in paths.items() if path.diverged is not None]
    if not names:
        return ""
    verb = "diverge" if len(names) > 1 else "diverges"
    return f"At a learning rate of {lr:g}, {listed(names)} {verb}. A path ends where it leaves the map for good."


def listed(names: Sequence[str]) -> str:
    """
    >>> listed(["SGD"]), listed(["SGD", "Adam", "AdamW"])
    ('SGD', 'SGD, Adam and AdamW')
    """
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def update_symbols(optimizer: Optimizer, knobs: Mapping[str, float]) -> str:
    """What the symbols of both forms of an update rule stand for."""
    lines = [line for line in (*optimizer.lines, *optimizer.textbook) if not line.when or knobs.get(line.when)]
    return legend(lines)


def schedule_symbols(schedule: Schedule) -> str:
    """What the symbols of a schedule's formula stand for."""
    common = r"$\eta_t$ = learning rate of step $t$, $\eta$ = learning rate that the optimizer was created with"
    return ", ".join((common, *schedule.symbols))


def range_test(steps: Sequence[RangeTestStep], suggested: float) -> str:
    """What the range test shows."""
    flat = f"Up to a learning rate of {10 * suggested:.2g} the moving average is at its minimum, within the noise"
    tenth = f"one tenth of that, **{suggested:.2g}**, is a safe choice"
    if len(steps) == RANGE_TEST_STEPS:
        return f"{flat}; {tenth}."
    return (
        f"{flat}; {tenth}: the loss still falls fast and is far from divergence (at {steps[-1].rate:.2g}, where the "
        "test ended)."
    )


def standings(runs: Sequence[tuple[str, LessonRun]], history: Sequence[RunsAtStep]) -> str:
    """Where each run stands, as a table: its learning rate, its loss, and at the end the accuracy."""
    rows = ["| | learning rate | loss (moving average) | training accuracy |", "|---|---:|---:|---:|"]
    for number, (name, run) in enumerate(runs):
        last = next((steps[number] for steps in reversed(history) if steps[number]), None)
        loss = "" if last is None else f"{last.smooth:.4f}" if math.isfinite(last.smooth) else "diverged"
        accuracy = f"{last.accuracy:.1%}" if last and last.accuracy is not None else ""
        rows.append(f"| {name} | {run.learning_rate:.3g} | {loss} | {accuracy} |")
    return "\n".join(rows)
