"""Training the deep network, alone or beside another on the same batches, a step at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.layers.activations import value_and_slope
from core.lessons.gradients.layer_statistics import clip_factor, dead_share, length, run_seen
from core.lessons.gradients.network import Deep, batches, build, loss_of


@dataclass(frozen=True)
class Step:
    """One training step: the loss before it, and of each layer the norm of dL/dW and the share of dead units."""

    number: int
    loss: float
    weight_gradient: np.ndarray
    dead: np.ndarray


def train(config: Deep, seed: int, steps: int = 200) -> Iterator[Step]:
    """Plain SGD on digits; stops early where the loss is no longer a number."""
    network = build(config, seed)
    for number, (x, labels) in zip(range(steps), batches(seed, config.kind), strict=False):
        network.zero_grad()
        given: list[Tensor] = []
        loss = loss_of(config, run_seen(network, x, given)[-1], labels)
        loss.backward()
        gradients = np.array([length(layer.linear.weight.grad) for layer in network.layers])
        slopes = (value_and_slope(layer.activation, x)[1] for layer, x in zip(network.layers, given, strict=True))
        yield Step(number, loss.item(), gradients, np.array([dead_share(slope) for slope in slopes]))
        if not np.isfinite(loss.item()):
            return
        factor = clip_factor(config, network)
        with torch.no_grad():
            for p in network.parameters():
                if p.grad is not None:
                    p -= config.learning_rate * factor * p.grad


def train_both(a: Deep, b: Deep, seed: int, steps: int = 200) -> Iterator[tuple[Step | None, Step | None]]:
    """Two networks on the same batches, a step of each at a time; one that has ended gives None."""
    runs = [train(config, seed, steps) for config in (a, b)]
    while True:
        moment = tuple(next(run, None) for run in runs)
        if moment == (None, None):
            return
        yield moment
