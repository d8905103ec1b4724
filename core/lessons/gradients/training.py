"""Training the deep network, alone or together with another on the same batches, one step at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from core.layers.activations import value_and_slope
from core.lessons import experiments
from core.lessons.gradients.layer_statistics import clip_factor, dead_share, gradient_norm
from core.lessons.gradients.network import DeepConfig, DeepNetwork, batches, build, loss_of


@dataclass(frozen=True)
class GradientStep:
    """One training step: the loss before it, and per layer the norm of dL/dW and the share of dead units."""

    number: int
    loss: float
    weight_gradient: np.ndarray
    dead: np.ndarray


def train(config: DeepConfig, seed: int, steps: int = 200) -> Iterator[GradientStep]:
    """Plain SGD on digits; stops early when the loss is no longer finite."""
    network, measured = build(config, seed), []

    def step(x: Tensor, labels: Tensor) -> float:
        network.zero_grad()
        with experiments.inputs_of(layer.activation for layer in network.layers) as inputs:
            loss = loss_of(config, network(x), labels)
        loss.backward()
        measured.append(_measure(network, inputs))
        experiments.descend(network, config.learning_rate * clip_factor(config, network))
        return loss.item()

    for number, loss, _ in experiments.train(step, batches(seed, config.kind), steps):
        yield GradientStep(number, loss, *measured[-1])


def _measure(network: DeepNetwork, inputs: list[Tensor]) -> tuple[np.ndarray, np.ndarray]:
    """Per layer the norm of dL/dW and the share of dead units; `inputs` are those of the activations."""
    gradients = np.array([gradient_norm(layer.linear.weight) for layer in network.layers])
    slopes = (value_and_slope(layer.activation, x)[1] for layer, x in zip(network.layers, inputs, strict=True))
    return gradients, np.array([dead_share(slope) for slope in slopes])


def train_both(a: DeepConfig, b: DeepConfig, seed: int, steps: int = 200) -> Iterator[tuple[GradientStep | None, ...]]:
    """Two networks on the same batches, one step of each at a time; one that has diverged gives None."""
    return experiments.side_by_side([train(config, seed, steps) for config in (a, b)])
