"""The range test of the learning rate on the first steps of a run, before it starts."""

from __future__ import annotations

from collections.abc import Iterator

from core.training.batches import Labelled
from core.training.loop import Trainer
from core.training.lr_range_test import Step, raised
from core.training.recipe.config import TrainConfig

LOWEST, HIGHEST = 1e-5, 10.0


def range_test(config: TrainConfig, data: Labelled, device: str = "cpu", steps: int = 100) -> Iterator[Step]:
    """The first `steps` batches of that run, each at a higher learning rate, until the loss blows up.

    `suggestion(list(range_test(...)))` is the rate to choose. The network is thrown away; the run begins anew.
    Source: Smith 2015, arXiv:1506.01186.
    """
    trainer = Trainer(config, data, device)
    return raised(trainer.step_at, LOWEST, HIGHEST, steps)
