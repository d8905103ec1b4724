"""The same digit through the same network, again and again, with its dropout left on: how far do the answers differ?"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from core.lessons.dropout.masks import Knobs
from core.lessons.dropout.network import split, trained
from core.lessons.gradients import digits

PASSES = 60
SWEPT = 20  # passes at each angle of a sweep
ANGLES = tuple(range(-90, 91, 10))
TENTHS = (0.1, 0.9)  # a tenth of the passes lies below the first, a tenth above the second


@dataclass(frozen=True)
class Passes:
    """evaluation: chance of each digit without dropout (10,); passes: with it (PASSES, 10); label: the right digit."""

    evaluation: np.ndarray
    passes: np.ndarray
    label: int

    @property
    def votes(self) -> np.ndarray:
        """In how many passes each digit came out first, (10,)."""
        return np.bincount(self.passes.argmax(1), minlength=10)


def example(number: int) -> tuple[Tensor, int]:
    """The `number`th digit of those that no network here was trained on: (1, 1, 8, 8) and its label."""
    x, labels = digits()
    place = split(0, 0)[1][number]
    return x[place][None], int(labels[place])


def turned(x_BCHW: Tensor, degrees: float) -> Tensor:
    """Pictures turned counter-clockwise about their middle, bilinear; what comes in is background."""
    angle, ground = torch.tensor(degrees).deg2rad(), digits()[0].min()
    rotation = torch.stack([angle.cos(), -angle.sin(), torch.zeros(()), angle.sin(), angle.cos(), torch.zeros(())])
    grid = F.affine_grid(rotation.view(1, 2, 3).expand(len(x_BCHW), -1, -1), list(x_BCHW.shape), align_corners=False)
    return F.grid_sample(x_BCHW - ground, grid, align_corners=False) + ground


@torch.no_grad()
def ask(kind: str, knobs: Knobs, number: int, degrees: float, seed: int) -> Passes:
    """One digit, turned, once in evaluation and PASSES times in training mode."""
    x, label = example(number)
    x, network = turned(x, degrees), trained(kind, knobs, seed)
    evaluation = network(x).softmax(1)[0]
    network.train()
    passes = torch.cat([network(x).softmax(1) for _ in range(PASSES)])
    return Passes(evaluation.numpy(), passes.numpy(), label)


@dataclass(frozen=True)
class Sweep:
    """The chance of the right answer at each angle: in evaluation, and the mean and middle 80 % of SWEPT passes."""

    angles: tuple[float, ...]
    evaluation: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def through(self, degrees: float, found: Passes) -> Sweep:
        """The same, with what many more passes have found at one angle in its place."""
        before = bisect_left(self.angles, degrees)
        behind = before + (degrees in self.angles)
        passes = found.passes[:, found.label]
        here = (found.evaluation[found.label], passes.mean(), *np.quantile(passes, TENTHS))
        columns = (self.evaluation, self.mean, self.low, self.high)
        return Sweep(
            (*self.angles[:before], degrees, *self.angles[behind:]),
            *(np.concatenate([one[:before], [value], one[behind:]]) for one, value in zip(columns, here, strict=True)),
        )


@torch.no_grad()
def sweep(kind: str, knobs: Knobs, number: int, seed: int) -> Sweep:
    """One digit at every one of ANGLES; all angles are a batch, and each pass draws its own masks."""
    x, label = example(number)
    batch, network = torch.cat([turned(x, angle) for angle in ANGLES]), trained(kind, knobs, seed)
    evaluation = network(batch).softmax(1)[:, label]
    network.train()
    passes = torch.stack([network(batch).softmax(1)[:, label] for _ in range(SWEPT)])
    low, high = np.quantile(passes.numpy(), TENTHS, axis=0)
    return Sweep(ANGLES, evaluation.numpy(), passes.mean(0).numpy(), low, high)
