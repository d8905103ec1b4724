"""A small real network on the digits: optimizers side by side, the range test of the rate, schedules drawn and run."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import nn

from core.labs import deep
from core.layers import optimizers, schedules

STEPS = 200
NETWORK = deep.Deep(depth=2, width=32, activation="ReLU", initialization="Kaiming normal")
SMOOTH = 0.9  # share of the moving average that is kept at each step
BLOWN = 4.0  # times the lowest smoothed loss: the range test ends
Knobs = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Run:
    """One training: which optimizer, how fast, by which schedule."""

    optimizer: str = "SGD"
    learning_rate: float = 0.1
    knobs: Knobs = ()
    schedule: str = "Constant"
    schedule_knobs: Knobs = ()
    steps: int = STEPS


@dataclass(frozen=True)
class Step:
    """One step: the loss on its batch before it, the moving average of those, and the rate it was taken with.

    The last one also says what share of all 1,797 digits is right after it.
    """

    number: int
    loss: float
    smooth: float
    rate: float
    right: float | None = None


def network(seed: int) -> nn.Module:
    """64 -> 32 -> 32 -> 10 with ReLU, weights by Kaiming from a generator of its own. (B, 1, 8, 8) -> (B, 10)."""
    return deep.build(NETWORK, seed)


def average(losses: Sequence[float]) -> float:
    """The moving average of all losses so far, corrected for its start at 0 as Adam's are.

    >>> average([2.0]), round(average([2.0, 2.0, 2.0]), 12)
    (2.0, 2.0)
    """
    weights = SMOOTH ** np.arange(len(losses) - 1, -1, -1.0)
    return float(weights @ np.asarray(losses) / weights.sum())


def train(run: Run, seed: int) -> Iterator[Step]:
    """Train from the seed's weights on the seed's batches; ends early where the loss is no longer a number."""
    model = network(seed)
    optimizer = optimizers.build(run.optimizer, model.parameters(), run.learning_rate, dict(run.knobs))
    after = schedules.build(run.schedule, optimizer, run.steps, dict(run.schedule_knobs))
    losses: list[float] = []
    for number, (x, labels) in zip(range(run.steps), deep.batches(seed), strict=False):
        rate = optimizer.param_groups[0]["lr"]
        losses.append(_step(model, optimizer, x, labels))
        last = number == run.steps - 1 or not math.isfinite(losses[-1])
        if not last:
            after(losses[-1])
        yield Step(number, losses[-1], average(losses), rate, right(model) if last else None)
        if last:
            return


def _step(model: nn.Module, optimizer: torch.optim.Optimizer, x: torch.Tensor, labels: torch.Tensor) -> float:
    """One step of training on one batch; returns the loss before it."""
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(x), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


@torch.no_grad()
def right(model: nn.Module) -> float:
    """The share of all digits that the network names correctly."""
    x, labels = deep.digits()
    return (model(x).argmax(1) == labels).double().mean().item()


def race(runs: Sequence[Run], seed: int) -> Iterator[tuple[Step | None, ...]]:
    """Several trainings on the same weights and batches, a step of each at a time; one that has ended gives None."""
    going = [train(run, seed) for run in runs]
    while True:
        moment = tuple(next(one, None) for one in going)
        if all(step is None for step in moment):
            return
        yield moment


def range_test(
    optimizer: str, seed: int, low: float = 1e-5, high: float = 10.0, steps: int = 120, knobs: Knobs = ()
) -> Iterator[Step]:
    """The range test on the digits: each step of training takes a batch and a higher rate than the last."""
    model = network(seed)
    one = optimizers.build(optimizer, model.parameters(), low, dict(knobs))
    batches = deep.batches(seed)

    def step_at(rate: float) -> float:
        one.param_groups[0]["lr"] = rate
        return _step(model, one, *next(batches))

    return raised(step_at, low, high, steps)


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
    """A tenth of the rate at which the smoothed loss was lowest: falling fast, and far from blowing up."""
    usable = [step for step in found if math.isfinite(step.smooth)]
    return min(usable, key=lambda step: step.smooth).rate / 10


@lru_cache(maxsize=256)
def rates(schedule: str, lr: float, knobs: Knobs = (), steps: int = STEPS) -> np.ndarray:
    """The rate of every step (steps,), by torch's scheduler over an SGD that has nothing to do.

    A schedule that watches the loss is given one that falls until half way and then stays.
    """
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr)
    after = schedules.build(schedule, optimizer, steps, dict(knobs))
    found = []
    for number in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if number < steps - 1:
            after(float(max(steps // 2 - number, 0)))
    return np.array(found)
