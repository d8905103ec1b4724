"""Why weights must be random: equal units get equal gradients, and stay equal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from core.knobs import Knob
from core.layers.initialization import initialize
from core.lessons import experiments, gradients
from core.lessons.gradients.network import Linear
from core.lessons.initialization.signal_propagation import KnobValues

STEPS_KNOB = Knob(60, 1, 150, label="Training steps")


@dataclass(frozen=True)
class SymmetryRun:
    """A layer of 8 hidden units while it trains: how many are distinct, and their weights (8, 8, 8) at both ends.

    losses: on the batch of each step, before it; first_loss, last_loss: on all digits, before and after training.
    """

    distinct: tuple[int, ...]
    losses: tuple[float, ...]
    first_loss: float
    last_loss: float
    before: np.ndarray
    after: np.ndarray


def train_hidden_units(
    name: str, knobs: KnobValues = (), steps: int = 60, seed: int = 0, lr: float = 0.5
) -> SymmetryRun:
    """Train 64 -> 8 -> 10 with Tanh on the digits from these weights; count the distinct units, step by step."""
    hidden, head = Linear(64, 8), Linear(8, 10)
    network = nn.Sequential(nn.Flatten(), hidden, nn.Tanh(), head)
    stream = gradients.batches(seed)
    first = next(stream)[0]
    generator = torch.Generator().manual_seed(seed)
    initialize([hidden, head], name, generator, knobs=dict(knobs), forward=lambda: network(first))
    before, distinct, losses, first_loss = _images(hidden), [distinct_units(hidden)], [], _loss(network)
    for _, (x, labels) in zip(range(steps), stream, strict=False):
        losses.append(experiments.sgd_step(network, x, labels, lr))
        distinct.append(distinct_units(hidden))
    return SymmetryRun(tuple(distinct), tuple(losses), first_loss, _loss(network), before, _images(hidden))


@torch.no_grad()
def _loss(network: nn.Module) -> float:
    """The cross-entropy on all digits."""
    x, labels = experiments.digits()
    return nn.functional.cross_entropy(network(x), labels).item()


def _images(hidden: nn.Linear) -> np.ndarray:
    return hidden.weight.detach().reshape(-1, 8, 8).double().numpy()


def distinct_units(hidden: nn.Linear) -> int:
    """How many units have weights of their own: two are equal if they differ by rounding alone."""
    rows = torch.cat([hidden.weight, hidden.bias[:, None]], 1).detach()
    near = torch.cdist(rows, rows, p=float("inf")) <= 1e-5 * rows.abs().max()
    return len({int(row.nonzero()[0]) for row in near})
