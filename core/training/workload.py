"""How much of a run's computing is done after so many steps, and so how much time is left.

The unit is one image going forward through the network at full size. Backward takes about twice that; smaller images
take less; of a network with a frozen part, each image goes through that part once in the whole run.
"""

from __future__ import annotations

import numpy as np

from core.training.batches import batches_per_epoch
from core.training.preparing.input_pipeline import GROWN_AT
from core.training.recipe.config import TrainConfig
from core.training.recipe.networks import network_of

BACKWARD = 2.0  # times forward: gradients of inputs, and of weights
HEAD = 0.002  # of a whole network: the linear layer on top of frozen features, both ways


class Workload:
    """The computing of a run on so many training and validation images of `size` x `size`.

    >>> round(Workload(TrainConfig(epochs=4), 64, 800, 200).share_done(26), 3)
    0.5
    """

    def __init__(self, config: TrainConfig, size: int, training: int, validation: int) -> None:
        self._batches = batches_per_epoch(training, config.batch_size)
        self._is_frozen = network_of(config.network).body is not None
        self._training, self._validation = training, validation
        steps = np.arange(config.epochs * self._batches)
        per_step = training / self._batches * self._of_an_image(config, steps)
        checks = 2 * validation if config.test_flip and not self._is_frozen else validation
        each_check = np.where(steps < self._batches, checks, checks * HEAD) if self._is_frozen else float(checks)
        per_step += np.where((steps + 1) % self._batches == 0, each_check, 0.0)
        self._done = np.concatenate(([0.0], per_step.cumsum()))

    def _of_an_image(self, config: TrainConfig, steps: np.ndarray) -> np.ndarray:
        """Work for each training image of each step."""
        if self._is_frozen:
            return np.where(steps < self._batches, 1.0, 0.0) + HEAD
        progress = np.minimum(1.0, steps / max(len(steps), 1) / GROWN_AT)
        share = config.first_size + (1 - config.first_size) * progress
        return (1 + BACKWARD) * share**2

    @property
    def steps(self) -> int:
        return len(self._done) - 1

    @property
    def total(self) -> float:
        """Images forward, in all."""
        return float(self._done[-1])

    def done(self, step: int) -> float:
        """Images forward, up to and including that step (counted from 1)."""
        return float(self._done[min(max(step, 0), self.steps)])

    def share_done(self, step: int) -> float:
        """0 to 1, after that step."""
        return self.done(step) / self.total

    def seconds_left(self, first: int, last: int, seconds: float) -> float | None:
        """Time to the end after step `last`, when the steps since `first` took so many seconds; None after none."""
        done = self.done(last) - self.done(first)
        return (self.total - self.done(last)) * seconds / done if done > 0 else None
