"""Which learning rate a run can bear, found before it starts."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Iterator, Sequence

from core.labs.schedules import Step, raised
from core.training.batches import Labelled
from core.training.loop import Trainer
from core.training.recipe.config import TrainConfig

LOWEST, HIGHEST = 1e-5, 10.0
SETTLED = 10  # losses in a moving average before it means much: at first it is the luck of single batches
NOISE = 3.0  # standard deviations of the moving average that are no rise yet
FLAT = 0.02  # and this share of the loss is none either
AVERAGED = 0.229  # deviation of the moving average by that of one loss: sqrt((1 - 0.9) / (1 + 0.9))

__all__ = ["Step", "range_test", "suggestion"]


def range_test(config: TrainConfig, data: Labelled, device: str = "cpu", steps: int = 100) -> Iterator[Step]:
    """The first `steps` batches of that run, each at a higher learning rate, until the loss blows up.

    `suggestion(list(range_test(...)))` is the rate to choose. The network is thrown away; the run begins anew.
    Source: Smith 2015, arXiv:1506.01186.
    """
    trainer = Trainer(config, data, device)
    return raised(trainer.step_at, LOWEST, HIGHEST, steps)


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
