"""How much of a run's computing is done after so many steps, and so how much time is left.

The unit is one image going forward through the network at full size. Backward takes about twice that; smaller images
take less; of a network with a frozen part, each image goes through that part once in the whole run.
"""

from __future__ import annotations

import math

from core.training.batches import batches_per_epoch
from core.training.preparing.input_pipeline import GROWN_AT
from core.training.recipe.config import TrainConfig
from core.training.recipe.networks import network_of

BACKWARD = 2.0  # times forward: gradients of inputs, and of weights
HEAD = 0.002  # of a whole network: the linear layer on top of frozen features, both ways


class Workload:
    """The computing of a run on so many training and validation images of `size` x `size`; `check` is that of one
    validation. A run that was resumed after step `start` computes the features of a frozen part once more.

    >>> work = Workload(TrainConfig(epochs=4), 64, 800, 200)
    >>> round(work.done(26) / work.total, 3)
    0.5
    """

    def __init__(self, config: TrainConfig, size: int, training: int, validation: int, start: int = 0) -> None:
        self._batches, self._training, self._start = batches_per_epoch(training, config.batch_size), training, start
        self._is_frozen = network_of(config.network).body is not None
        self._per_step = training / self._batches  # images
        self.check = 2 * validation if config.test_flip and not self._is_frozen else validation
        self._first_share = config.first_size
        self.steps = config.epochs * self._batches

    def done(self, step: int, validated: int | None = None) -> float:
        """Images forward, up to and including that step (counted from 1) and so many validations, one after each epoch;
        without their number, those of all whole epochs."""
        step = min(max(step, 0), self.steps)
        checks = step // self._batches if validated is None else validated
        if self._is_frozen:
            features = self._features(step) + self.check * (checks > self._start // self._batches)
            return features + HEAD * (self._per_step * step + self.check * max(checks - 1, 0))
        return (1 + BACKWARD) * self._per_step * self._areas(step) + self.check * checks

    def _features(self, step: int) -> float:
        """Training images whose frozen features are computed up to a step: batch by batch in the first epoch. A run
        that was resumed computes what it lacks in the first step that needs it."""
        if self._start >= self._batches:
            return self._training * (step > self._start)
        fresh = max(min(step, self._batches) - self._start, 0)
        return self._per_step * (fresh + self._start * (step > self._batches))

    def is_after_features(self, step: int, validated: int) -> bool:
        """Whether only the layer on top of frozen features is left to compute; never without a frozen part."""
        whole = self._features(self.steps)
        return self._is_frozen and self._features(step) == whole and validated > self._start // self._batches

    def _areas(self, steps: int) -> float:
        """The sum of the areas of the images in the first steps, 1 being that of full size."""
        growing = min(steps, math.ceil(self.steps * GROWN_AT))
        start, slope = self._first_share, (1 - self._first_share) / (self.steps * GROWN_AT)
        ramp = growing * (growing - 1) / 2, growing * (growing - 1) * (2 * growing - 1) / 6  # sums of i, of its square
        return growing * start**2 + 2 * start * slope * ramp[0] + slope**2 * ramp[1] + steps - growing

    @property
    def total(self) -> float:
        """Images forward, in all."""
        return self.done(self.steps)

    def seconds_left(
        self, first: int, last: int, seconds: float, validated: tuple[int | None, int | None] = (None, None)
    ) -> float | None:
        """Time to the end after step `last`, when the steps since `first` took so many seconds; None after none.

        `validated`: how many validations were done after those two steps, as in `done`.
        """
        before, now = self.done(first, validated[0]), self.done(last, validated[1])
        return (self.total - now) * seconds / (now - before) if now > before else None


def duration(seconds: float) -> str:
    """A time in words.

    >>> duration(7.6), duration(75.2), duration(7260)
    ('8 s', '1 min 15 s', '2 h 1 min')
    """
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
