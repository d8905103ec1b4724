"""MC dropout: many passes of one digit through one network with dropout left on, and how far the predictions spread."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from core.lessons.dropout.masks import DropoutSettings
from core.lessons.dropout.network import Weights, split, trained
from core.lessons.experiments import digits

PASSES = 60
SWEEP_PASSES = 20  # passes per angle of a sweep
ANGLES = tuple(range(-90, 91, 10))
PERCENTILES = (0.1, 0.9)


@dataclass(frozen=True)
class StochasticPredictions:
    """evaluation: class probabilities without dropout (10,); passes: with it (PASSES, 10); label: the true digit."""

    evaluation: np.ndarray
    passes: np.ndarray
    label: int

    @property
    def votes(self) -> np.ndarray:
        """In how many passes each digit is predicted, (10,)."""
        return np.bincount(self.passes.argmax(1), minlength=10)


def validation_digit(number: int) -> tuple[Tensor, int]:
    """One of the digits that no network here is trained on: (1, 1, 8, 8) and its label."""
    x, labels = digits()
    index = split(0, 0)[1][number]
    return x[index][None], int(labels[index])


def rotated(x_BCHW: Tensor, degrees: float) -> Tensor:
    """Images rotated counter-clockwise about their centre, bilinear; corners are filled with background."""
    angle, background = torch.tensor(degrees).deg2rad(), digits()[0].min()
    rotation = torch.stack([angle.cos(), -angle.sin(), torch.zeros(()), angle.sin(), angle.cos(), torch.zeros(())])
    grid = F.affine_grid(rotation.view(1, 2, 3).expand(len(x_BCHW), -1, -1), list(x_BCHW.shape), align_corners=False)
    return F.grid_sample(x_BCHW - background, grid, align_corners=False) + background


@torch.no_grad()
def predict(
    kind: str, settings: DropoutSettings, number: int, degrees: float, seed: int, weights: Weights | None = None
) -> StochasticPredictions:
    """A rotated digit, once in evaluation and PASSES times in training mode; `weights` as in `trained`."""
    x, label = validation_digit(number)
    x, network = rotated(x, degrees), trained(kind, settings, seed, weights)
    evaluation = network(x).softmax(1)[0]
    network.train()
    passes = torch.cat([network(x).softmax(1) for _ in range(PASSES)])
    return StochasticPredictions(evaluation.numpy(), passes.numpy(), label)


@dataclass(frozen=True)
class RotationSweep:
    """Probability of the true class by angle: in evaluation; mean, 10th and 90th percentile of SWEEP_PASSES passes."""

    angles: tuple[float, ...]
    evaluation: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def with_angle(self, degrees: float, predictions: StochasticPredictions) -> RotationSweep:
        """The same sweep, at one angle with the values of these many more passes."""
        before = bisect_left(self.angles, degrees)
        after = before + (degrees in self.angles)
        passes = predictions.passes[:, predictions.label]
        values = (predictions.evaluation[predictions.label], passes.mean(), *np.quantile(passes, PERCENTILES))
        columns = (self.evaluation, self.mean, self.low, self.high)
        return RotationSweep(
            (*self.angles[:before], degrees, *self.angles[after:]),
            *(np.concatenate([one[:before], [value], one[after:]]) for one, value in zip(columns, values, strict=True)),
        )


@torch.no_grad()
def sweep(
    kind: str, settings: DropoutSettings, number: int, seed: int, weights: Weights | None = None
) -> RotationSweep:
    """One digit at each of ANGLES; all angles are a batch, and each pass has masks of its own."""
    x, label = validation_digit(number)
    batch, network = torch.cat([rotated(x, angle) for angle in ANGLES]), trained(kind, settings, seed, weights)
    evaluation = network(batch).softmax(1)[:, label]
    network.train()
    passes = torch.stack([network(batch).softmax(1)[:, label] for _ in range(SWEEP_PASSES)])
    low, high = np.quantile(passes.numpy(), PERCENTILES, axis=0)
    return RotationSweep(ANGLES, evaluation.numpy(), passes.mean(0).numpy(), low, high)
