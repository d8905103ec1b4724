"""What the optimizers page says, with this moment's numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from core.lessons.optimizers import training
from core.lessons.optimizers.surfaces import FAR, NEAR, SETTLED, SURFACES, DescentPath
from core.optim import get_schedule
from core.training.lr_range_test import RangeTestStep
from playground import units


def surface_legend(name: str) -> str:
    """What the letters of a surface stand for, what it is like, and when a path counts as arrived or diverged."""
    surface = SURFACES[name]
    noise = ", $n_t$ = noise of step $t$" if surface.noise else ""
    several = len(surface.minima) > 1
    cross = "The crosses mark the minima" if several else "The cross marks the minimum"
    return (
        f"$f$ = loss, $x$ and $y$ = the two weights{noise}\n\n{surface.description} {cross}; a path is at "
        f"{'a' if several else 'the'} minimum from where it stays within {NEAR * surface.diagonal:.2g} of it (1 % of "
        f"the map's diagonal), for the last {SETTLED} steps at least. Tap, click or drag to choose the starting point."
    )


def divergence(lr: float, paths: Mapping[str, DescentPath]) -> str:
    """Which optimizers diverge; empty where none does."""
    names = [name for name, path in paths.items() if path.diverged is not None]
    if not names:
        return ""
    verb = "diverge" if len(names) > 1 else "diverges"
    return (
        f"At a learning rate of {lr:g}, {listed(names)} {verb}. A path ends where it is {FAR:,.0f} map diagonals away."
    )


def listed(names: Sequence[str]) -> str:
    """
    >>> listed(["SGD"]), listed(["SGD", "Adam", "AdamW"])
    ('SGD', 'SGD, Adam and AdamW')
    """
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def range_test(steps: Sequence[RangeTestStep], suggested: float) -> str:
    """Why a rate is suggested: where the moving average is lowest, what it is at a tenth of that, where it ends."""
    settled = min(step.smooth for step in steps if step.rate >= suggested and math.isfinite(step.smooth))
    there = next(step for step in steps if step.rate >= suggested)
    before, lowest = (units.significant(value, 3) for value in (there.smooth, settled))
    falls = f": there the loss is still on its way from {before} to {lowest}" if there.smooth > settled * 1.02 else ""
    blown_up = len(steps) < training.RANGE_TEST_STEPS
    end = f"The test ended at {steps[-1].rate:.2g}, {'where the loss blew up' if blown_up else 'its highest rate'}."
    return (
        f"{10 * suggested:.2g} is the highest learning rate at which the moving average is at its minimum, within the "
        f"noise; the suggestion is one tenth of that, **{suggested:.2g}**{falls}. {end}"
    )


def schedule_caption(run: training.LessonRun, rates: np.ndarray) -> str:
    """What a schedule does within the steps that are drawn."""
    watches = " This one follows the loss; drawn for a loss that falls until halfway." if _watches(run) else ""
    return f"{schedule_effect(rates)}{watches}"


def schedule_effect(rates: np.ndarray) -> str:
    """Where the learning rate begins, where it is highest and where it ends.

    >>> schedule_effect(np.array([0.1, 0.5, 0.2]))
    'In these 3 steps it begins at 0.1, is highest at step 1 (0.5) and ends at 0.2.'
    """
    first, last, highest = (units.significant(rate, 3) for rate in (rates[0], rates[-1], rates.max()))
    if units.significant(rates.min(), 3) == highest:
        return f"In these {len(rates)} steps it stays at {first}."
    peak = f", is highest at step {int(rates.argmax())} ({highest})" if highest not in (first, last) else ""
    return f"In these {len(rates)} steps it begins at {first}{peak} and ends at {last}."


def _watches(run: training.LessonRun) -> bool:
    return get_schedule(run.schedule).watches
