"""The input of the trained part: augmented images, or features computed once by a frozen part.

Shapes: B images of a batch, N of all, C channels, F features, K classes.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from core.augmentation import Augment
from core.datasets import ImageDataset, needed_bytes
from core.datasets.memory import fits_memory
from core.training.batches import ImageNormalization, shuffled
from core.training.recipe.config import TrainConfig

IN_MEMORY = 2 << 30  # bytes; a larger part of a dataset stays where it is, and batches are gathered from there
GROWN_AT = 2 / 3  # share of a run after which images have their full size
MULTIPLE = 8  # of progressive sizes, in pixels


class DatasetPart:
    """Some of the images of a dataset; copied to the device, channels last, where they fit into memory."""

    def __init__(self, data: ImageDataset, index: Tensor, device: torch.device) -> None:
        self.device = device
        size = data.images.shape[-1]
        fits = needed_bytes(len(index), size) <= IN_MEMORY and fits_memory(len(index), size)
        self._rows = torch.arange(len(index)) if fits else index
        self.images = data.images[index].to(device, memory_format=torch.channels_last) if fits else data.images
        self.labels = data.labels[index].to(device) if fits else data.labels

    def __len__(self) -> int:
        return len(self._rows)

    def rows(self, index: Tensor) -> Tensor:
        """Rows of `images` and `labels` for the images `index` of this part."""
        return self._rows[index]

    def images_at(self, index: Tensor) -> Tensor:
        """The images `index` of this part, uint8 (B, C, H, W)."""
        return self.images[self.rows(index)]

    def labels_at(self, index: Tensor) -> Tensor:
        """Labels of the images `index` of this part, on the run's device."""
        return self.labels[self.rows(index).to(self.labels.device)].to(self.device)


class ImageBatches:
    """Images, augmented, resized progressively, normalized, and in the memory format of the network."""

    def __init__(
        self,
        config: TrainConfig,
        parts: tuple[DatasetPart, DatasetPart],
        classes: int,
        normalize: ImageNormalization,
        steps: int,
        memory_format: torch.memory_format,
    ) -> None:
        self.config, self.normalize, self.steps, self.memory_format = config, normalize, steps, memory_format
        self.train_part, self.val_part = parts
        self.device = parts[0].device
        self.augment = Augment(config, classes)

    def batch(self, index: Tensor, step: int) -> tuple[Tensor, Tensor]:
        """Training images at `index` (B,), augmented for step `step`, (B, C, H, W), and targets: labels (B,) or shares
        (B, K)."""
        part = self.train_part
        images, targets = self.augment(part.images, part.rows(index), part.labels, self.config.seed, step)
        x_BCHW = self.normalize(images.to(self.device))
        size = image_size_at(step / self.steps, self.config.first_size, x_BCHW.shape[-1])
        if size != x_BCHW.shape[-1]:
            x_BCHW = F.interpolate(x_BCHW, (size, size), mode="bilinear", antialias=True)
        return x_BCHW.contiguous(memory_format=self.memory_format), targets.to(self.device)

    def val(self, index: Tensor) -> Tensor:
        """Validation images at `index` (B,), unchanged: (B, C, H, W) of full size."""
        return self.network_input(self.val_part.images_at(index))

    def network_input(self, images: Tensor) -> Tensor:
        """Any images, uint8 (B, C, H, W), as the network takes them."""
        return self.normalize(images.to(self.device)).contiguous(memory_format=self.memory_format)


class FeatureBatches:
    """The output of a network's frozen body, computed once per image and kept, fp32.

    The images that are computed together are always the same ones, the batches of the first epoch: so that training
    starts at once, and a resumed run has the same bits.
    """

    def __init__(self, config: TrainConfig, images: ImageBatches, body: Callable[[Tensor], Tensor]) -> None:
        self.images, self.body = images, body
        train, val = len(images.train_part), len(images.val_part)
        self._train = _CachedRows(shuffled(train, config.batch_size, config.seed, 0), train)
        self._val = _CachedRows(list(torch.arange(val).split(config.batch_size)), val)

    def batch(self, index: Tensor, step: int) -> tuple[Tensor, Tensor]:
        """(B, F), and labels (B,)."""
        part = self.images.train_part
        return self._train.get(index, lambda group: self._features(part.images_at(group))), part.labels_at(index)

    def val(self, index: Tensor) -> Tensor:
        """(B, F)."""
        part = self.images.val_part
        return self._val.get(index, lambda group: self._features(part.images_at(group)))

    def _features(self, images: Tensor) -> Tensor:
        return self.body(self.images.network_input(images))


class _CachedRows:
    """Rows computed group by group, each group when one of its rows is first needed."""

    def __init__(self, groups: list[Tensor], count: int) -> None:
        missing = torch.ones(count, dtype=torch.bool)
        missing[torch.cat(groups)] = False
        self.groups = [*groups, *([missing.nonzero().flatten()] if missing.any() else [])]
        self.group_of = torch.empty(count, dtype=torch.int64)
        for number, group in enumerate(self.groups):
            self.group_of[group] = number
        self.rows: Tensor | None = None
        self.is_computed = torch.zeros(len(self.groups), dtype=torch.bool)

    def get(self, index: Tensor, compute: Callable[[Tensor], Tensor]) -> Tensor:
        rows = self.rows
        for number in self.group_of[index].unique().tolist():
            if rows is None or not self.is_computed[number]:
                values = compute(self.groups[number])
                rows = values.new_empty((len(self.group_of), *values.shape[1:])) if rows is None else rows
                rows[self.groups[number].to(values.device)] = values
                self.rows, self.is_computed[number] = rows, True
        assert rows is not None  # an index is never empty
        return rows[index.to(rows.device)]


def image_size_at(progress: float, first: float, size: int) -> int:
    """Size of the training images when `progress` (0 to 1) of the run is done, from the share `first` to all of `size`.

    >>> [image_size_at(t / 6, 0.5, 96) for t in range(7)]
    [48, 64, 72, 80, 96, 96, 96]
    """
    share = first + (1 - first) * min(1.0, progress / GROWN_AT)
    return size if share >= 1 else min(size, max(MULTIPLE, round(share * size / MULTIPLE) * MULTIPLE))
