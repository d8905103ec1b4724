"""Images in memory -> the batch that a network takes. Images stay uint8; only the batch becomes float."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

import torch
from torch import Tensor

from core.datasets import ImageDataset
from core.training import seeding
from core.training.recipe.config import TrainConfig

DIGESTED = 256  # images at most whose pixels are in a fingerprint

SUMMED = 1 << 22  # pixels in 64 bit at a time: 32 MB


def split_of(config: TrainConfig, data: ImageDataset) -> tuple[Tensor, Tensor, Tensor]:
    """Indices of the training, validation and test images: three int64 tensors.

    The third is empty unless the config has a `test_share`.
    """
    train, val, test = data.split_into(shares_of(config), config.split_seed)
    return train, val, test


def shares_of(config: TrainConfig) -> tuple[float, float, float]:
    """Which share of the images is for training, for validation and for the test."""
    return 1 - config.val_share - config.test_share, config.val_share, config.test_share


def digest_of_images(data: ImageDataset) -> str:
    """A fingerprint of labelled images: their number, size and labels, and the pixels of some of them."""
    count = len(data.labels)
    sample = torch.linspace(0, count - 1, min(count, DIGESTED)).round().long()
    digest = hashlib.blake2b(repr(tuple(data.images.shape)).encode(), digest_size=16)
    digest.update(data.labels.cpu().numpy().tobytes())
    for index in sample.tolist():
        digest.update(data.images[index].cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def digest_of_split(parts: tuple[Tensor, ...]) -> str:
    """A fingerprint of which images are for what: of the indices of each part."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(f"{len(part)}:".encode() + part.cpu().numpy().tobytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class ImageNormalization:
    """Mean and standard deviation of each channel of the training images, in units of 0..255."""

    mean: tuple[float, ...]
    std: tuple[float, ...]

    @classmethod
    def of(cls, images: Tensor, index: Tensor | None = None) -> ImageNormalization:  # uint8 (N, C, H, W)
        """Exact sums of whole numbers, so that the result depends on nothing but the images (those at `index`)."""
        total = torch.zeros(images.shape[1], dtype=torch.int64, device=images.device)
        squares, count = torch.zeros_like(total), 0
        few = max(1, SUMMED // max(1, images[:1].numel()))
        for batch in (torch.arange(len(images)) if index is None else index).split(few):
            values = images[batch].to(torch.int64)
            total += values.sum((0, 2, 3))
            squares += (values * values).sum((0, 2, 3))
            count += values.shape[0] * values.shape[2] * values.shape[3]
        means = [value / count for value in total.tolist()]
        variances = [value / count - mean * mean for value, mean in zip(squares.tolist(), means, strict=True)]
        return cls(tuple(means), tuple(max(math.sqrt(max(v, 0.0)), 1.0) for v in variances))

    def __call__(self, images: Tensor) -> Tensor:
        """uint8 (B, C, H, W) -> float32 (B, C, H, W), mean 0 and standard deviation 1 over the training set."""
        mean, std = (torch.tensor(v, device=images.device).view(1, -1, 1, 1) for v in (self.mean, self.std))
        return (images.float() - mean).div_(std)


def shuffled(count: int, batch_size: int, seed: int, epoch: int) -> list[Tensor]:
    """The batches of one epoch: indices 0..count-1, each once, in an order of that epoch's own.

    A last batch of a single image is left out where there are others: batch normalization cannot train on it.
    """
    order = torch.randperm(count, generator=seeding.generator(seed, seeding.Purpose.SHUFFLE, epoch))
    batches = list(order.split(batch_size))
    lone = len(batches) > 1 and len(batches[-1]) == 1 < batch_size
    return batches[:-1] if lone else batches


def batches_per_epoch(count: int, batch_size: int) -> int:
    """Steps of an epoch over `count` images.

    >>> batches_per_epoch(800, 64), batches_per_epoch(65, 64)
    (13, 1)
    """
    whole, rest = divmod(count, batch_size)
    return whole + (1 if rest > 1 or not whole else 0)


def fewest_in_a_pass(count: int, config: TrainConfig, processes: int = 1) -> int:
    """The fewest images of `count` that ever go through the network at once in training.

    A batch is divided among `accumulate` passes and the processes.

    >>> fewest_in_a_pass(100, TrainConfig(batch_size=64, accumulate=16))
    2
    """
    whole, rest = divmod(count, config.batch_size)
    sizes = [config.batch_size] * bool(whole) + [rest] * (rest > 1 or not whole)
    return max(1, min(sizes) // (config.accumulate * processes))
