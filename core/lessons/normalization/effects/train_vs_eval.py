"""Train against eval: the same pictures through the same network in both modes, alone and among others.

Shape suffixes: B batch, C channels, G batches side by side, N pictures in one batch, H and W height and width.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.lessons.normalization.effects import network as nets
from core.lessons.normalization.effects.running_statistics import NET, History, averages, stand

SIZES = (1, 2, 8, 64)
DRAWS = 16
PROBE = 120  # of the held-out digits: a multiple of every batch that they are split into below
AMONG, EVERY = 60, 15


def batch_normed(layer: nn.BatchNorm2d, x_GNCHW: Tensor) -> Tensor:
    """`layer` in training mode on each of G batches by itself, in one call; its running averages stay.

    PyTorch's own arithmetic: the channels of different batches are channels that do not know of each other.
    """
    groups, size, channels, *sides = x_GNCHW.shape
    x = x_GNCHW.transpose(0, 1).reshape(size, groups * channels, *sides)
    weight, bias = layer.weight.repeat(groups), layer.bias.repeat(groups)
    y = F.batch_norm(x, None, None, weight, bias, training=True, eps=layer.eps)
    return y.reshape(size, groups, channels, *sides).transpose(0, 1)


@torch.no_grad()
def in_batches(network: nn.Sequential, x_GNCHW: Tensor) -> Tensor:
    """Probabilities (G, N, classes) in training mode, each of the G batches normalized by its own statistics."""
    groups, size = x_GNCHW.shape[:2]

    def run(part: nn.Module, x: Tensor) -> Tensor:
        if isinstance(part, nn.BatchNorm2d):
            return batch_normed(part, x.unflatten(0, (groups, size))).flatten(0, 1)
        return part(x)

    x = x_GNCHW.flatten(0, 1)
    for block in network:
        for part in block if isinstance(block, nn.Sequential) else (block,):
            x = run(part, x)
    return x.softmax(-1).unflatten(0, (groups, size))


@torch.no_grad()
def in_evaluation(network: nn.Sequential, x_BCHW: Tensor) -> Tensor:
    """Probabilities (B, classes) in evaluation mode; the network's mode is left as it was."""
    was = network.training
    found = network.eval()(x_BCHW).softmax(-1)
    network.train(was)
    return found


@dataclass(frozen=True)
class Company:
    """One picture in DRAWS batches of one size: who else is in each (draws, size - 1), as places among the held-out
    digits, and the answers (draws, classes)."""

    others: np.ndarray
    answers: np.ndarray


def company(network: nn.Sequential, picture: int, size: int, seed: int) -> Company:
    """The held-out digit `picture` first in a batch, with other held-out digits drawn anew each time."""
    dice = np.random.default_rng((seed, size))
    rest = np.delete(np.arange(nets.HELD_OUT), picture)
    others = np.stack([dice.choice(rest, size - 1, replace=False) for _ in range(DRAWS)])
    places = np.concatenate([np.full((DRAWS, 1), picture), others], axis=1)
    x = nets.split()["held out"][0][torch.from_numpy(places)]
    return Company(others, in_batches(network, x)[:, 0].numpy())


def right_in_batches(network: nn.Sequential, size: int, count: int = nets.HELD_OUT) -> float:
    """The share of the first held-out digits that is right when they come in batches of one size, in training mode."""
    x, labels = (one[: count // size * size] for one in nets.split()["held out"])
    found = in_batches(network, x.unflatten(0, (-1, size))).argmax(-1).flatten()
    return (found == labels).double().mean().item()


def right_in_evaluation(network: nn.Sequential, count: int = nets.HELD_OUT) -> float:
    """The share of the first held-out digits that is right in evaluation mode."""
    x, labels = (one[:count] for one in nets.split()["held out"])
    return (in_evaluation(network, x).argmax(-1) == labels).double().mean().item()


def looks(story: History) -> range:
    """After how many batches a training is looked at."""
    return range(0, len(story.weights), EVERY)


def evaluated(story: History, convention: str, momentum: float) -> list[float]:
    """The share of PROBE held-out digits that is right in evaluation, at each of `looks`."""
    network, found = nets.build(NET, 0), averages(story, convention, momentum)
    right = []
    for batches in looks(story):
        stand(network, story, found, batches)
        right.append(right_in_evaluation(network, PROBE))
    return right


def among_others(story: History) -> list[float]:
    """The same in training mode, in batches of AMONG: no running average is asked."""
    network, found = nets.build(NET, 0), averages(story, "PyTorch", 0.1)
    right = []
    for batches in looks(story):
        stand(network, story, found, batches)
        right.append(right_in_batches(network, AMONG, PROBE))
    return right
