"""The learning-rate range test: raise the rate until the loss blows up; the losses say which rate to choose.

Source: Smith 2015, Cyclical learning rates for training neural networks, arXiv:1506.01186.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.datasets import ImageDataset
from core.training.loop import Trainer
from core.training.recipe.config import TrainConfig

LOWEST, HIGHEST = 1e-5, 10.0
SMOOTHING = 0.9  # share of the moving average that is kept at each step
BLOWN_UP = 4.0  # times the lowest smoothed loss: the test ends
SETTLED = 10  # losses in a moving average before it means much: at first it depends on single batches
NOISE = 3.0  # standard deviations of the moving average that are no rise yet
FLAT = 0.02  # and this share of the loss is none either
AVERAGED = math.sqrt((1 - SMOOTHING) / (1 + SMOOTHING))  # std of the moving average by that of one loss


@dataclass(frozen=True)
class RangeTestStep:
    """One step: the loss on its batch before it, the moving average of those, and the rate it was taken with."""

    number: int
    loss: float
    smooth: float
    rate: float


def range_test(
    config: TrainConfig, data: ImageDataset, device: str = "cpu", steps: int = 100
) -> Iterator[RangeTestStep]:
    """The first `steps` batches of that run, each at a higher learning rate, until the loss blows up.

    `suggestion(list(range_test(...)))` is the rate to choose. The network is thrown away; the run begins anew.
    """
    return raise_rate(Trainer(config, data, device).step_at, LOWEST, HIGHEST, steps)


def raise_rate(step_at: Callable[[float], float], low: float, high: float, steps: int) -> Iterator[RangeTestStep]:
    """Raise the rate by the same factor at every step, and watch the loss until it blows up.

    Args: `step_at(rate)` takes a step of training at that rate and returns the loss before it.
    """
    losses: list[float] = []
    lowest = math.inf
    for number in range(steps):
        rate = low * (high / low) ** (number / (steps - 1))
        losses.append(step_at(rate))
        smooth = moving_average(losses)
        yield RangeTestStep(number, losses[-1], smooth, rate)
        lowest = min(lowest, smooth)
        if not smooth <= BLOWN_UP * lowest:
            return


def moving_average(losses: Sequence[float]) -> float:
    """The moving average of all losses so far, corrected for its start at 0 as Adam's are.

    >>> moving_average([2.0]), round(moving_average([2.0, 2.0, 2.0]), 12)
    (2.0, 2.0)
    """
    weights = SMOOTHING ** np.arange(len(losses) - 1, -1, -1.0)
    return float(weights @ np.asarray(losses) / weights.sum())


def suggestion(steps: Sequence[RangeTestStep]) -> float:
    """A tenth of the highest rate at which the smoothed loss is at its minimum: falling, and far from blowing up.

    "At its minimum" leaves room for the noise of batches. Without it the minimum of a loss that hardly falls within so
    few steps would be a matter of chance, often at a rate at which nothing is learned at all.
    Raises: ValueError if no loss is a number.
    """
    usable = [step for step in steps if math.isfinite(step.smooth)]
    settled = usable[SETTLED - 1 :] or usable[-1:]
    lowest = min(settled, key=lambda step: step.smooth)
    room = max(FLAT * lowest.smooth, NOISE * _noise([step.loss for step in usable if step.rate <= lowest.rate]))
    return [step for step in settled if step.smooth <= lowest.smooth + room][-1].rate / 10


def _noise(losses: Sequence[float]) -> float:
    """Standard deviation of the moving average of losses, by the median step between neighbours (normal noise)."""
    differences = [abs(after - before) for before, after in itertools.pairwise(losses)]
    return AVERAGED * statistics.median(differences) / 0.954 if differences else 0.0
