"""The range test of the learning rate: it rises until the loss blows up, and the losses say which one to choose."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

SMOOTH = 0.9  # share of the moving average that is kept at each step
BLOWN = 4.0  # times the lowest smoothed loss: the test ends
SETTLED = 10  # losses in a moving average before it means much: at first it is the luck of single batches
NOISE = 3.0  # standard deviations of the moving average that are no rise yet
FLAT = 0.02  # and this share of the loss is none either
AVERAGED = math.sqrt((1 - SMOOTH) / (1 + SMOOTH))  # deviation of the moving average by that of one loss


@dataclass(frozen=True)
class Step:
    """One step: the loss on its batch before it, the moving average of those, and the rate it was taken with.

    The last one of a training on the digits also says what share of all 1,797 digits is right after it.
    """

    number: int
    loss: float
    smooth: float
    rate: float
    right: float | None = None


def average(losses: Sequence[float]) -> float:
    """The moving average of all losses so far, corrected for its start at 0 as Adam's are.

    >>> average([2.0]), round(average([2.0, 2.0, 2.0]), 12)
    (2.0, 2.0)
    """
    weights = SMOOTH ** np.arange(len(losses) - 1, -1, -1.0)
    return float(weights @ np.asarray(losses) / weights.sum())


def raised(step_at: Callable[[float], float], low: float, high: float, steps: int) -> Iterator[Step]:
    """Raise the rate by the same factor at every step, and watch the loss until it blows up.

    Args: `step_at(rate)` takes a step of training at that rate and returns the loss before it.
    Source: Smith 2015, arXiv:1506.01186.
    """
    losses: list[float] = []
    lowest = math.inf
    for number in range(steps):
        rate = low * (high / low) ** (number / (steps - 1))
        losses.append(step_at(rate))
        smooth = average(losses)
        yield Step(number, losses[-1], smooth, rate)
        lowest = min(lowest, smooth)
        if not smooth <= BLOWN * lowest:
            return


def suggestion(found: Sequence[Step]) -> float:
    """A tenth of the highest rate at which the smoothed loss is as low as it gets: falling, and far from blowing up.

    "As low" leaves room for the noise of batches. Without it the lowest place of a loss that hardly falls within so few
    steps would be a matter of luck, often at a rate at which nothing is learnt at all.
    Raises: ValueError if no loss is a number.
    """
    usable = [step for step in found if math.isfinite(step.smooth)]
    settled = usable[SETTLED - 1 :] or usable[-1:]
    lowest = min(settled, key=lambda step: step.smooth)
    room = max(FLAT * lowest.smooth, NOISE * _noise([step.loss for step in usable if step.rate <= lowest.rate]))
    return [step for step in settled if step.smooth <= lowest.smooth + room][-1].rate / 10


def _noise(losses: Sequence[float]) -> float:
    """Standard deviation of the moving average of losses, by the median step between neighbours (normal noise)."""
    steps = [abs(after - before) for before, after in itertools.pairwise(losses)]
    return AVERAGED * statistics.median(steps) / 0.954 if steps else 0.0
