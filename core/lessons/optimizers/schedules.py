"""A small real network on the digits: optimizers side by side, the range test of the rate, schedules drawn and run."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import nn

from core.layers import optimizers, schedules
from core.lessons import gradients
from core.training.lr_range_test import Step, average, raised

STEPS = 200
NETWORK = gradients.DeepConfig(depth=2, width=32, activation="ReLU", initialization="Kaiming normal")
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


def network(seed: int) -> nn.Module:
    """64 -> 32 -> 32 -> 10 with ReLU, weights by Kaiming from a generator of its own. (B, 1, 8, 8) -> (B, 10)."""
    return gradients.build(NETWORK, seed)


def train(run: Run, seed: int) -> Iterator[Step]:
    """Train from the seed's weights on the seed's batches; ends early where the loss is no longer a number."""
    model = network(seed)
    optimizer = optimizers.build(run.optimizer, model.parameters(), run.learning_rate, dict(run.knobs))
    after = schedules.build(run.schedule, optimizer, run.steps, dict(run.schedule_knobs))
    losses: list[float] = []
    for number, (x, labels) in zip(range(run.steps), gradients.batches(seed), strict=False):
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
    x, labels = gradients.digits()
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
    batches = gradients.batches(seed)

    def step_at(rate: float) -> float:
        one.param_groups[0]["lr"] = rate
        return _step(model, one, *next(batches))

    return raised(step_at, low, high, steps)


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
