"""What came of a run: which pictures it gets right, and which it is most surely wrong about."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from core.training.checkpoints import Trained


@dataclass(frozen=True)
class Prediction:
    """One picture of the data set: its place there, its class, and what the network takes it for."""

    index: int
    label: int
    taken_for: int
    probability: float  # of `taken_for`
    true_probability: float  # of `label`

    @property
    def is_right(self) -> bool:
        return self.label == self.taken_for


def validation_predictions(path: Path, labels: Tensor) -> tuple[Prediction, ...]:
    """The predictions that a run left at `path`, the largest loss first. `labels` are those of the whole set (N,)."""
    found = torch.load(path, weights_only=True)
    probabilities, index = found["probabilities"], found["index"]
    true = labels[index]
    best, taken_for = probabilities.max(1)
    given = probabilities.gather(1, true[:, None])[:, 0]
    order = given.argsort(stable=True)
    columns = (values[order].tolist() for values in (index, true, taken_for, best, given))
    return tuple(Prediction(*row) for row in zip(*columns, strict=True))


def look_at(trained: Trained, picture: np.ndarray) -> dict[str, float]:
    """Probability of each class for a picture (size, size, 3) in uint8, the most likely first."""
    image = torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None]
    probabilities = trained.probabilities(image)[0]
    order = probabilities.argsort(descending=True, stable=True).tolist()
    return {trained.classes[k]: float(probabilities[k]) for k in order}
