"""Pictures in memory -> the batch a network sees. Pictures stay uint8; only the batch becomes float."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from core.training import luck
from core.training.recipe.config import TrainConfig


@dataclass(frozen=True)
class Normalization:
    """Mean and standard deviation of each channel of the training pictures, in units of 0..255."""

    mean: tuple[float, ...]
    std: tuple[float, ...]

    @classmethod
    def of(cls, images: Tensor) -> Normalization:  # uint8 (N, C, H, W)
        """Exact sums of whole numbers, so that the result depends on nothing but the pictures."""
        total, squares, count = 0, 0, 0
        for chunk in images.split(256):
            values = chunk.to(torch.int64)
            total = total + values.sum((0, 2, 3))
            squares = squares + (values * values).sum((0, 2, 3))
            count += chunk.shape[0] * chunk.shape[2] * chunk.shape[3]
        means = [int(t) / count for t in total]
        variances = [int(s) / count - mean * mean for s, mean in zip(squares, means, strict=True)]
        return cls(tuple(means), tuple(max(math.sqrt(max(v, 0.0)), 1.0) for v in variances))

    def __call__(self, images: Tensor) -> Tensor:
        """uint8 (B, C, H, W) -> float32 (B, C, H, W), mean 0 and deviation 1 over the training set."""
        mean, std = (torch.tensor(v, device=images.device).view(1, -1, 1, 1) for v in (self.mean, self.std))
        return (images.float() - mean) / std


def shuffled(count: int, batch_size: int, seed: int, epoch: int) -> list[Tensor]:
    """The batches of one epoch: places 0..count-1, each once, in an order of that epoch's own.

    A last batch of a single picture is left out where there are others: batch normalization cannot train on it.
    """
    order = torch.randperm(count, generator=luck.generator(seed, luck.Purpose.SHUFFLE, epoch))
    batches = list(order.split(batch_size))
    lone = len(batches) > 1 and len(batches[-1]) == 1 < batch_size
    return batches[:-1] if lone else batches


def batches_per_epoch(count: int, batch_size: int) -> int:
    """Steps of an epoch over `count` pictures.

    >>> batches_per_epoch(800, 64), batches_per_epoch(65, 64)
    (13, 1)
    """
    whole, rest = divmod(count, batch_size)
    return whole + (1 if rest > 1 or not whole else 0)


class Augmentation:
    """Mirrors, shifts and rotates each picture of a batch by its own chance. uint8 in, uint8 or float32 out."""

    def __init__(self, config: TrainConfig) -> None:
        self.config = config

    def __call__(self, images: Tensor, index: Tensor, step: int) -> Tensor:  # (N, C, H, W), (B,) -> (B, C, H, W)
        """The pictures at `index`, changed as step `step` of this run has it."""
        if not self.config.augments:
            return images[index.to(images.device)]
        generator = luck.generator(self.config.seed, luck.Purpose.AUGMENTATION, step)
        picked = self._mirror_and_shift(images, index, generator)
        return self._rotate(picked, generator) if self.config.rotation else picked

    def _mirror_and_shift(self, images: Tensor, index: Tensor, generator: torch.Generator) -> Tensor:
        """One gather does both: which row and column of the picture each cell of the batch comes from."""
        count, (height, width) = len(index), images.shape[2:]
        rows = _shifted(count, height, self.config.shift, generator)
        columns = _shifted(count, width, self.config.shift, generator)
        mirrored = torch.rand(count, 1, generator=generator) < (0.5 if self.config.flip else 0.0)
        columns = torch.where(mirrored, width - 1 - columns, columns)
        b, r, c = (places.to(images.device) for places in (index, rows, columns))
        picked = images.permute(0, 2, 3, 1)[b[:, None, None], r[:, :, None], c[:, None, :]]  # (B, H, W, C)
        return picked.permute(0, 3, 1, 2)

    def _rotate(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """Each by an angle of its own, bilinear, the border mirrored outwards."""
        angles = (torch.rand(len(images), generator=generator) * 2 - 1) * math.radians(self.config.rotation)
        cos, sin, zero = angles.cos(), angles.sin(), torch.zeros_like(angles)
        turns = torch.stack((torch.stack((cos, -sin, zero), 1), torch.stack((sin, cos, zero), 1)), 1)  # (B, 2, 3)
        grid = F.affine_grid(turns.to(images.device), list(images.shape), align_corners=False)
        return F.grid_sample(images.float(), grid, padding_mode="reflection", align_corners=False)


def _shifted(count: int, side: int, share: float, generator: torch.Generator) -> Tensor:
    """Source cells of a picture moved by up to `share` of its side, the border mirrored. int64 (count, side)."""
    most = int(share * side)
    offsets = torch.randint(-most, most + 1, (count, 1), generator=generator)
    places = (torch.arange(side) + offsets).abs()
    return (side - 1) - ((side - 1) - places).abs()
