"""How far one gets without learning anything: each picture is taken for the class whose mean picture is nearest."""

from __future__ import annotations

import torch
from torch import Tensor

from core.datasets.dataset import Pictures

BATCH = 256  # pictures in memory at a time


def nearest_mean_accuracy(pictures: Pictures, train: Tensor, val: Tensor) -> float:
    r"""Share of the pictures at `val` that are nearest to the mean of their own class at `train`.

    $$\hat y = \arg\min_k \lVert x - \bar x_k \rVert^2$$

    Args: places in `pictures`, int64 (N,) each. Returns: 0 to 1.
    """
    means = torch.stack([_mean(pictures, train[pictures.labels[train] == label]) for label in _labels(pictures)])
    lengths = (means * means).sum(1)
    right = 0
    for part in val.split(BATCH):
        x = pictures.images[part].flatten(1).float() / 255  # (B, 3HW)
        nearest = (lengths - 2 * x @ means.T).argmin(1)  # |x|^2 is the same for all classes
        right += int((nearest == pictures.labels[part]).sum())
    return right / max(1, len(val))


def _labels(pictures: Pictures) -> range:
    return range(len(pictures.classes))


def _mean(pictures: Pictures, places: Tensor) -> Tensor:
    """The mean of some pictures: float32 (3HW,), 0..1; infinitely far away if there are none."""
    if not len(places):
        return torch.full((pictures.images[0].numel(),), 1e6)
    total = sum(pictures.images[part].sum(0, dtype=torch.int64) for part in places.split(BATCH))
    return (total.double() / (255 * len(places))).float().flatten()
