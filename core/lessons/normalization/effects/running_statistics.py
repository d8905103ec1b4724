"""Running averages of batch statistics during training, for any momentum.

During training the weights do not depend on the running averages. So one training is recorded, with the statistics of
every batch, and the averages for any momentum are computed afterwards.

Shapes: C channels, L layers, S steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from core.knobs import Knob, knob
from core.lessons.experiments import sgd_step
from core.lessons.normalization.effects import network as nets
from core.lessons.normalization.effects.network import BlockNet

NET = BlockNet(depth=4, early=True)
STEPS, RATE = 120, 0.3
BUFFERS = ("running_mean", "running_var")


@dataclass(frozen=True)
class MomentumConvention:
    """A definition of momentum: `new_share(momentum, k)` is the weight of the k-th batch, k = 1, 2, ..."""

    knob: Knob
    formula: str  # LaTeX, of the running mean
    symbols: str  # the legend of the formula
    new_share: Callable[[float, int], float]
    description: str


_SYMBOLS = r"$\hat\mu$ = running mean, $\mu_B$ = mean of the batch"

CONVENTIONS: dict[str, MomentumConvention] = {
    "PyTorch": MomentumConvention(
        Knob(0.1, 0.001, 1.0, log=True, label="Momentum"),
        r"\hat\mu \leftarrow (1 - m)\,\hat\mu + m\,\mu_B",
        f"{_SYMBOLS}, $m$ = momentum",
        lambda momentum, k: momentum,
        "Momentum is the weight of the new batch.",
    ),
    "Keras": MomentumConvention(
        Knob(0.99, 0.0, 0.999, step=0.001, label="Momentum"),
        r"\hat\mu \leftarrow m\,\hat\mu + (1 - m)\,\mu_B",
        f"{_SYMBOLS}, $m$ = momentum",
        lambda momentum, k: 1 - momentum,
        "Momentum is the weight of the old average: 1 minus PyTorch's momentum.",
    ),
    "None": MomentumConvention(
        Knob(0.0, 0.0, 0.0, label="Momentum"),
        r"\hat\mu \leftarrow \left(1 - \tfrac{1}{k}\right)\hat\mu + \tfrac{1}{k}\,\mu_B",
        f"{_SYMBOLS}, $k$ = number of batches so far",
        lambda momentum, k: 1 / k,
        "PyTorch with `momentum=None`: the mean of all batches so far.",
    ),
}


@dataclass(frozen=True)
class BatchNormTraining:
    """The training whose batch statistics are recorded."""

    batch: int = knob(32, choices=(2, 8, 32), label="Batch size in training")
    learns: bool = knob(True, label="Update the weights", help="Off: the weights stay fixed while batches pass.")
    seed: int = nets.SEED


@dataclass(frozen=True)
class StatisticsHistory:
    """A recorded training: weights before each step and after the last (S + 1, parameters), and for every batch the
    mean and the unbiased (n - 1) variance (S, L, C); `population` has both (L, C) over all training digits, with the
    final weights."""

    weights: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    population: tuple[np.ndarray, np.ndarray]


def record_training(training: BatchNormTraining, steps: int = STEPS) -> StatisticsHistory:
    """Train and record the statistics in every batch norm. With momentum 1 its buffers are those of the last batch."""
    network = nets.build_network(NET, training.seed)
    layers = [layer for layer in nets.norms(network) if isinstance(layer, nn.BatchNorm2d)]
    for layer in layers:
        layer.momentum = 1.0
    weights, statistics = [parameters_to_vector(network.parameters()).detach().clone()], []
    for _, (x, labels) in zip(range(steps), nets.batches(training.seed, training.batch), strict=False):
        sgd_step(network, x, labels, RATE if training.learns else 0.0)
        statistics.append(_buffers(layers))
        weights.append(parameters_to_vector(network.parameters()).detach().clone())
    with torch.no_grad():
        network(nets.split()["training"][0])
    mean, variance = (np.array(column) for column in zip(*statistics, strict=True))
    return StatisticsHistory(torch.stack(weights).numpy(), mean, variance, _buffers(layers))


def _buffers(layers: Sequence[nn.Module]) -> tuple[np.ndarray, np.ndarray]:
    mean, variance = (torch.stack([getattr(layer, name) for layer in layers]).numpy() for name in BUFFERS)
    return mean, variance


def running_average(batches: np.ndarray, start: float, convention: str, momentum: float) -> np.ndarray:
    r"""The running average after 0, 1, 2, ... batches.

    $$\hat\mu_k = (1 - s_k)\,\hat\mu_{k-1} + s_k\,\mu_{B,k}$$

    Args: statistics of each batch (S, ...); the initial value (0 for means, 1 for variances, as in PyTorch).
    Returns: (S + 1, ...). s is the weight of the new batch, by convention.

    >>> running_average(np.array([[10.0], [10.0]]), 0.0, "PyTorch", 0.1).ravel().tolist()
    [0.0, 1.0, 1.9]
    """
    weight = CONVENTIONS[convention].new_share
    averages = [np.full(batches.shape[1:], start, dtype=float)]
    for k, batch in enumerate(batches, start=1):
        averages.append((1 - weight(momentum, k)) * averages[-1] + weight(momentum, k) * batch)
    return np.stack(averages)


def initial_share(convention: str, momentum: float, batches: int) -> float:
    """The weight of the initial value in a running average.

    >>> round(initial_share("PyTorch", 0.1, 10), 4), initial_share("None", 0.0, 10)
    (0.3487, 0.0)
    """
    weight = CONVENTIONS[convention].new_share
    return float(np.prod([1 - weight(momentum, k) for k in range(1, batches + 1)]))


def running_statistics(history: StatisticsHistory, convention: str, momentum: float) -> tuple[np.ndarray, np.ndarray]:
    """Running mean and variance of every layer after 0, 1, 2, ... batches, (S + 1, L, C) each."""
    starts = ((history.mean, 0.0), (history.variance, 1.0))
    mean, variance = (running_average(batches, start, convention, momentum) for batches, start in starts)
    return mean, variance


@torch.no_grad()
def restore(
    network: nn.Sequential, history: StatisticsHistory, statistics: tuple[np.ndarray, np.ndarray], batches: int
) -> None:
    """Set the weights of a network to those after some batches, and its running averages to these."""
    vector_to_parameters(torch.from_numpy(history.weights[batches]), network.parameters())
    for name, values in zip(BUFFERS, statistics, strict=True):
        for layer, value in zip(nets.norms(network), values[batches], strict=True):
            getattr(layer, name).copy_(torch.from_numpy(value))


def network_after(history: StatisticsHistory, batches: int, convention: str, momentum: float) -> nn.Sequential:
    """The network after some batches, with the running averages of this momentum; in training mode."""
    network = nets.build_network(NET, 0)
    restore(network, history, running_statistics(history, convention, momentum), batches)
    return network
