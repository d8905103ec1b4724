"""A baseline without training: each image is classified by the nearest mean image of a class."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from core.datasets.dataset import ImageDataset

VALUES = 1 << 22  # of images in memory at a time
MOST_VALUES = 1 << 26  # of the means of all classes; images are reduced to keep to it


def nearest_mean_accuracy(data: ImageDataset, train: Tensor, val: Tensor) -> float:
    r"""Share of the images at `val` that are nearest to the mean of their own class at `train`.

    $$\hat y = \arg\min_k \lVert x - \bar x_k \rVert^2$$

    Args: `train` and `val` are indices into `data`, int64 (N,) each. Large images of very many classes are reduced
    first, so that the means of all classes fit into memory. Returns: 0 to 1.
    """
    classes = len(data.classes)
    side = min(data.size, int((MOST_VALUES / (3 * max(1, classes))) ** 0.5))
    batch = max(1, VALUES // (3 * data.size**2))
    means = _means(data, train, side, batch)
    squares = (means * means).sum(1)
    correct = 0
    for part in val.split(batch):
        x = _pixels(data.images[part], side).float() / 255  # (B, 3HW)
        nearest = (squares - 2 * x @ means.T).argmin(1)  # |x|^2 is the same for all classes
        correct += int((nearest == data.labels[part]).sum())
    return correct / max(1, len(val))


def _means(data: ImageDataset, index: Tensor, side: int, batch: int) -> Tensor:
    """The mean of the images of each class: float32 (K, 3HW), 0..1; infinitely far away where there are none."""
    total = torch.zeros(len(data.classes), 3 * side**2, dtype=torch.float64)  # sums of bytes are exact in it
    for part in index.split(batch):
        total.index_add_(0, data.labels[part], _pixels(data.images[part], side).double())
    counts = torch.bincount(data.labels[index], minlength=len(data.classes))
    means = (total / (255 * counts.clamp_min(1))[:, None]).float()
    means[counts == 0] = 1e6
    return means


def _pixels(images: Tensor, side: int) -> Tensor:
    """uint8 (B, 3, H, H) -> (B, 3 * side * side)."""
    if images.shape[-1] > side:
        return adaptive_avg_pool2d(images.float(), side).flatten(1)
    return images.flatten(1)
