"""A small real network on the digits: optimizers side by side, the range test of the rate, schedules drawn and run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor, nn

from core.lessons import experiments, gradients
from core.lessons.optimizers.surfaces import KnobValues
from core.optim import get_optimizer, get_schedule
from core.training.lr_range_test import HIGHEST, LOWEST, RangeTestStep, moving_average, raise_rate

STEPS = 200
RANGE_TEST_STEPS = 120
NETWORK = gradients.DeepConfig(depth=2, width=32, activation="ReLU", initialization="Kaiming normal")


@dataclass(frozen=True)
class LessonRun:
    """One training: which optimizer, how fast, by which schedule."""

    optimizer: str = "SGD"
    learning_rate: float = 0.1
    knobs: KnobValues = ()
    schedule: str = "Constant"
    schedule_knobs: KnobValues = ()
    steps: int = STEPS


@dataclass(frozen=True)
class LessonStep:
    """One step: the loss on its batch before it, the moving average of those, and the rate it was taken with.

    The last one also has the accuracy after it, on all 1,797 digits.
    """

    number: int
    loss: float
    smooth: float
    rate: float
    accuracy: float | None = None


def network(seed: int) -> nn.Module:
    """64 -> 32 -> 32 -> 10 with ReLU, weights by Kaiming from a generator of its own. (B, 1, 8, 8) -> (B, 10)."""
    return gradients.build(NETWORK, seed)


def train(run: LessonRun, seed: int) -> Iterator[LessonStep]:
    """Train from the seed's weights on the seed's batches; ends early where the loss is no longer a number."""
    model = network(seed)
    optimizer = _optimizer(run.optimizer, model, run.learning_rate, run.knobs)
    update_rate = get_schedule(run.schedule).attach(optimizer, run.steps, **dict(run.schedule_knobs))
    losses: list[float] = []
    for number, loss, is_last in experiments.train(_step(model, optimizer), gradients.batches(seed), run.steps):
        losses.append(loss)
        rate = optimizer.param_groups[0]["lr"]
        if not is_last:
            update_rate(loss)
        yield LessonStep(number, loss, moving_average(losses), rate, training_accuracy(model) if is_last else None)


def _optimizer(name: str, model: nn.Module, lr: float, knobs: KnobValues) -> torch.optim.Optimizer:
    return get_optimizer(name).build(model.parameters(), lr, foreach=False, **dict(knobs))


def _step(model: nn.Module, optimizer: torch.optim.Optimizer) -> Callable[[Tensor, Tensor], float]:
    """One step of training on one batch, which returns the loss before it."""
    return lambda x, labels: experiments.optimizer_step(optimizer, nn.functional.cross_entropy(model(x), labels))


@torch.no_grad()
def training_accuracy(model: nn.Module) -> float:
    """The share of all digits that the network classifies correctly."""
    x, labels = experiments.digits()
    return experiments.accuracy(model(x), labels)


def train_all(runs: Sequence[LessonRun], seed: int) -> Iterator[tuple[LessonStep | None, ...]]:
    """Several trainings on the same weights and batches, a step of each at a time; one that has ended gives None."""
    return experiments.side_by_side([train(run, seed) for run in runs])


def range_test(
    optimizer: str, seed: int, low: float = LOWEST, high: float = HIGHEST, steps: int = RANGE_TEST_STEPS
) -> Iterator[RangeTestStep]:
    """The range test on the digits: each step of training takes a batch and a higher rate than the last."""
    model = network(seed)
    stepping = _optimizer(optimizer, model, low, ())
    step, batches = _step(model, stepping), gradients.batches(seed)

    def step_at(rate: float) -> float:
        stepping.param_groups[0]["lr"] = rate
        return step(*next(batches))

    return raise_rate(step_at, low, high, steps)


def whole_range_test(optimizer: str, seed: int) -> list[RangeTestStep]:
    """All steps of the range test at once, as another process computes them."""
    return list(range_test(optimizer, seed))


@lru_cache(maxsize=256)
def rates(schedule: str, lr: float, knobs: KnobValues = (), steps: int = STEPS) -> np.ndarray:
    """The rate of every step (steps,), by torch's scheduler over an SGD that has nothing to do.

    A schedule that watches the loss is given one that falls until half way and then stays.
    """
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr)
    update_rate = get_schedule(schedule).attach(optimizer, steps, **dict(knobs))
    taken = []
    for number in range(steps):
        taken.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if number < steps - 1:
            update_rate(float(max(steps // 2 - number, 0)))
    return np.array(taken)
