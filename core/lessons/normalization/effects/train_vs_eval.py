"""Train vs. eval: the same images through the same network in both modes, alone and in batches.

Shape suffixes: B batch, C channels, G batches side by side, N images in one batch, H and W height and width.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.lessons.experiments import accuracy, in_eval_mode
from core.lessons.normalization.effects import network as nets
from core.lessons.normalization.effects.running_statistics import NET, StatisticsHistory, restore, running_statistics

SIZES = (1, 2, 8, 64)
DRAWS = 16
SUBSET = 120  # of the validation digits: a multiple of BATCH
BATCH, EVERY = 60, 15


def batch_norm_separately(layer: nn.BatchNorm2d, x_GNCHW: Tensor) -> Tensor:
    """`layer` in training mode on each of G batches separately, in one call; its running averages are not updated.

    The channels of different batches become separate channels of one call of PyTorch.
    """
    groups, size, channels, *sides = x_GNCHW.shape
    x = x_GNCHW.transpose(0, 1).reshape(size, groups * channels, *sides)
    weight, bias = layer.weight.repeat(groups), layer.bias.repeat(groups)
    y = F.batch_norm(x, None, None, weight, bias, training=True, eps=layer.eps)
    return y.reshape(size, groups, channels, *sides).transpose(0, 1)


@torch.no_grad()
def probabilities_in_batches(network: nn.Sequential, x_GNCHW: Tensor) -> Tensor:
    """Probabilities (G, N, classes) in training mode, each of the G batches normalized by its own statistics."""
    groups, size = x_GNCHW.shape[:2]

    def run(part: nn.Module, x: Tensor) -> Tensor:
        if isinstance(part, nn.BatchNorm2d):
            return batch_norm_separately(part, x.unflatten(0, (groups, size))).flatten(0, 1)
        return part(x)

    x = x_GNCHW.flatten(0, 1)
    for block in network:
        for part in block if isinstance(block, nn.Sequential) else (block,):
            x = run(part, x)
    return x.softmax(-1).unflatten(0, (groups, size))


@torch.no_grad()
def probabilities_in_eval(network: nn.Sequential, x_BCHW: Tensor) -> Tensor:
    """Probabilities (B, classes) in evaluation mode; the mode of the network is restored."""
    return in_eval_mode(network, x_BCHW).softmax(-1)


@dataclass(frozen=True)
class BatchContexts:
    """One image in DRAWS batches of one size: the indices of the other validation digits in each (draws, size - 1), and
    the probabilities of the image (draws, classes)."""

    others: np.ndarray
    probabilities: np.ndarray


def in_random_batches(network: nn.Sequential, image: int, size: int, seed: int) -> BatchContexts:
    """The validation digit `image` as the first of a batch, with other random validation digits each time."""
    rng = np.random.default_rng((seed, size))
    rest = np.delete(np.arange(nets.VALIDATION_SIZE), image)
    others = np.stack([rng.choice(rest, size - 1, replace=False) for _ in range(DRAWS)])
    indices = np.concatenate([np.full((DRAWS, 1), image), others], axis=1)
    x = nets.split()["validation"][0][torch.from_numpy(indices)]
    return BatchContexts(others, probabilities_in_batches(network, x)[:, 0].numpy())


def accuracy_in_batches(network: nn.Sequential, size: int, count: int = nets.VALIDATION_SIZE) -> float:
    """Accuracy on the first validation digits in training mode, in batches of one size."""
    x, labels = (one[: count // size * size] for one in nets.split()["validation"])
    return accuracy(probabilities_in_batches(network, x.unflatten(0, (-1, size))).flatten(0, 1), labels)


def accuracy_in_eval(network: nn.Sequential, count: int = nets.VALIDATION_SIZE) -> float:
    """Accuracy on the first validation digits in evaluation mode."""
    x, labels = (one[:count] for one in nets.split()["validation"])
    return accuracy(probabilities_in_eval(network, x), labels)


def checkpoints(history: StatisticsHistory) -> range:
    """After how many batches the network is evaluated."""
    return range(0, len(history.weights), EVERY)


def eval_accuracies(history: StatisticsHistory, convention: str, momentum: float) -> list[float]:
    """Accuracy on SUBSET validation digits in evaluation mode, at each of `checkpoints`."""
    return [accuracy_in_eval(network, SUBSET) for network in _at_checkpoints(history, convention, momentum)]


def train_accuracies(history: StatisticsHistory) -> list[float]:
    """The same in training mode, in batches of BATCH: running averages are not used."""
    return [accuracy_in_batches(network, BATCH, SUBSET) for network in _at_checkpoints(history, "PyTorch", 0.1)]


def _at_checkpoints(history: StatisticsHistory, convention: str, momentum: float) -> Iterator[nn.Sequential]:
    network, statistics = nets.build_network(NET, 0), running_statistics(history, convention, momentum)
    for batches in checkpoints(history):
        restore(network, history, statistics, batches)
        yield network
