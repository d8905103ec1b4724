"""Training the deep network, alone or together with another on the same batches, one step at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.layers.activations import value_and_slope
from core.lessons.gradients.layer_statistics import clip_factor, dead_share, gradient_norm, run_recorded
from core.lessons.gradients.network import DeepConfig, batches, build, loss_of


@dataclass(frozen=True)
class GradientStep:
    """One training step: the loss before it, and per layer the norm of dL/dW and the share of dead units."""

    number: int
    loss: float
    weight_gradient: np.ndarray
    dead: np.ndarray


def train(config: DeepConfig, seed: int, steps: int = 200) -> Iterator[GradientStep]:
    """Plain SGD on digits; stops early when the loss is no longer finite."""
    network = build(config, seed)
    for number, (x, labels) in zip(range(steps), batches(seed, config.kind), strict=False):
        network.zero_grad()
        inputs: list[Tensor] = []
        loss = loss_of(config, run_recorded(network, x, inputs)[-1], labels)
        loss.backward()
        gradients = np.array([gradient_norm(layer.linear.weight) for layer in network.layers])
        slopes = (value_and_slope(layer.activation, x)[1] for layer, x in zip(network.layers, inputs, strict=True))
        yield GradientStep(number, loss.item(), gradients, np.array([dead_share(slope) for slope in slopes]))
        if not np.isfinite(loss.item()):
            return
        factor = clip_factor(config, network)
        with torch.no_grad():
            for p in network.parameters():
                if p.grad is not None:
                    p.sub_(config.learning_rate * factor * p.grad)


def train_both(
    a: DeepConfig, b: DeepConfig, seed: int, steps: int = 200
) -> Iterator[tuple[GradientStep | None, GradientStep | None]]:
    """Two networks on the same batches, one step of each at a time; one that has diverged gives None."""
    run_a, run_b = (train(config, seed, steps) for config in (a, b))
    while (moment := (next(run_a, None), next(run_b, None))) != (None, None):
        yield moment
