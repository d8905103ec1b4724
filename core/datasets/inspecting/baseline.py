"""A baseline without training: each image is classified by the nearest mean image of a class."""

from __future__ import annotations

import torch
from torch import Tensor

from core.datasets.dataset import ImageDataset, sum_of

BATCH = 256  # images in memory at a time


def nearest_mean_accuracy(data: ImageDataset, train: Tensor, val: Tensor) -> float:
    r"""Share of the images at `val` that are nearest to the mean of their own class at `train`.

    $$\hat y = \arg\min_k \lVert x - \bar x_k \rVert^2$$

    Args: `train` and `val` are indices into `data`, int64 (N,) each. Returns: 0 to 1.
    """
    classes = range(len(data.classes))
    means = torch.stack([_mean(data, train[data.labels[train] == label]) for label in classes])
    squares = (means * means).sum(1)
    correct = 0
    for part in val.split(BATCH):
        x = data.images[part].flatten(1).float() / 255  # (B, 3HW)
        nearest = (squares - 2 * x @ means.T).argmin(1)  # |x|^2 is the same for all classes
        correct += int((nearest == data.labels[part]).sum())
    return correct / max(1, len(val))


def _mean(data: ImageDataset, index: Tensor) -> Tensor:
    """The mean of some images: float32 (3HW,), 0..1; infinitely far away if there are none."""
    if not len(index):
        return torch.full((data.images[0].numel(),), 1e6)
    return (sum_of(data.images, index, BATCH).double() / (255 * len(index))).float().flatten()
