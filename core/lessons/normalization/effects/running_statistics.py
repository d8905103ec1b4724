"""Running averages that follow the batches of a training, by any momentum.

While a network trains, its weights do not depend on its running averages. So one training is kept, with the statistics
of every batch, and the averages of any momentum are had afterwards.

Shapes: C channels, L layers, S steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from core.knobs import Knob, knob
from core.lessons.normalization.effects import network as nets
from core.lessons.normalization.effects.network import Net

NET = Net(depth=4, early=True)
STEPS, RATE = 120, 0.3
BUFFERS = ("running_mean", "running_var")


@dataclass(frozen=True)
class Convention:
    """What a library means by momentum: `new_share(momentum, k)` is the share of the k-th batch, k = 1, 2, ..."""

    knob: Knob
    formula: str  # LaTeX, of the running mean
    new_share: Callable[[float, int], float]
    words: str


CONVENTIONS: dict[str, Convention] = {
    "PyTorch": Convention(
        Knob(0.1, 0.001, 1.0, log=True, label="momentum"),
        r"\hat\mu \leftarrow (1 - m)\,\hat\mu + m\,\mu_B",
        lambda momentum, k: momentum,
        "momentum is the share of the new batch",
    ),
    "Keras": Convention(
        Knob(0.99, 0.0, 0.999, step=0.001, label="momentum"),
        r"\hat\mu \leftarrow m\,\hat\mu + (1 - m)\,\mu_B",
        lambda momentum, k: 1 - momentum,
        "momentum is the share that is kept: PyTorch's is 1 minus it",
    ),
    "None": Convention(
        Knob(0.0, 0.0, 0.0, label="momentum"),
        r"\hat\mu \leftarrow \left(1 - \tfrac{1}{k}\right)\hat\mu + \tfrac{1}{k}\,\mu_B",
        lambda momentum, k: 1 / k,
        "PyTorch with `momentum=None`: the plain mean of all batches so far",
    ),
}


@dataclass(frozen=True)
class Course:
    """How a network is trained, and how its averages follow."""

    batch: int = knob(32, choices=(2, 8, 32), label="batch in training")
    learns: bool = knob(True, label="the network learns", help="Off: its weights stand still while batches pass.")
    seed: int = nets.SEED


@dataclass(frozen=True)
class History:
    """A training, step by step: weights before each step and after the last (S + 1, parameters), and of every batch
    the mean and the variance with n - 1 (S, L, C); `population` are the two (L, C) over all training digits, with the
    last weights."""

    weights: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    population: tuple[np.ndarray, np.ndarray]


def history(course: Course, steps: int = STEPS) -> History:
    """Train, and note what every batch norm met. With momentum 1 its buffers are the last batch's statistics."""
    network = nets.build(NET, course.seed)
    layers = nets.norms(network)
    for layer in layers:
        layer.momentum = 1.0
    weights, met = [parameters_to_vector(network.parameters()).detach().clone()], []
    for _, (x, labels) in zip(range(steps), nets.batches(course.seed, course.batch), strict=False):
        nets.step(network, x, labels, RATE if course.learns else 0.0)
        met.append(_buffers(layers))
        weights.append(parameters_to_vector(network.parameters()).detach().clone())
    with torch.no_grad():
        network(nets.split()["training"][0])
    mean, variance = (np.array(column) for column in zip(*met, strict=True))
    return History(torch.stack(weights).numpy(), mean, variance, _buffers(layers))


def _buffers(layers: list[nn.Module]) -> tuple[np.ndarray, np.ndarray]:
    return tuple(torch.stack([getattr(layer, name) for layer in layers]).numpy() for name in BUFFERS)


def running(met: np.ndarray, start: float, convention: str, momentum: float) -> np.ndarray:
    r"""The running average after 0, 1, 2, ... batches.

    $$\hat\mu_k = (1 - s_k)\,\hat\mu_{k-1} + s_k\,\mu_{B,k}$$

    Args: what each batch gave (S, ...); the value before any (0 for means, 1 for variances, as PyTorch begins).
    Returns: (S + 1, ...). s is the share of the new batch, by convention.

    >>> running(np.array([[10.0], [10.0]]), 0.0, "PyTorch", 0.1).ravel().tolist()
    [0.0, 1.0, 1.9]
    """
    share = CONVENTIONS[convention].new_share
    found = [np.full(met.shape[1:], start, dtype=float)]
    for k, one in enumerate(met, start=1):
        found.append((1 - share(momentum, k)) * found[-1] + share(momentum, k) * one)
    return np.stack(found)


def left_of_start(convention: str, momentum: float, batches: int) -> float:
    """What share of a running average is still its starting value.

    >>> round(left_of_start("PyTorch", 0.1, 10), 4), left_of_start("None", 0.0, 10)
    (0.3487, 0.0)
    """
    share = CONVENTIONS[convention].new_share
    return float(np.prod([1 - share(momentum, k) for k in range(1, batches + 1)]))


def averages(story: History, convention: str, momentum: float) -> tuple[np.ndarray, np.ndarray]:
    """Running mean and variance of every layer after 0, 1, 2, ... batches, (S + 1, L, C) each."""
    return running(story.mean, 0.0, convention, momentum), running(story.variance, 1.0, convention, momentum)


@torch.no_grad()
def stand(network: nn.Sequential, story: History, found: tuple[np.ndarray, np.ndarray], batches: int) -> None:
    """Put a network where the training was after so many batches: its weights, and these running averages."""
    vector_to_parameters(torch.from_numpy(story.weights[batches]), network.parameters())
    for name, values in zip(BUFFERS, found, strict=True):
        for layer, value in zip(nets.norms(network), values[batches], strict=True):
            getattr(layer, name).copy_(torch.from_numpy(value))


def after(story: History, batches: int, convention: str, momentum: float) -> nn.Sequential:
    """The network after so many batches, its running averages by this momentum; in training mode."""
    network = nets.build(NET, 0)
    stand(network, story, averages(story, convention, momentum), batches)
    return network
