"""What the part that learns is fed: changed pictures, or features computed once by a part that does not learn.

Shapes: B pictures of a batch, N of all, C channels, F features, K classes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from core.augmentation import Augment
from core.training.batches import Labelled, Normalization, shuffled
from core.training.recipe.config import TrainConfig

IN_MEMORY = 2 << 30  # bytes; a larger part of a set stays where it is, and batches are gathered from there
GROWN_AT = 2 / 3  # share of a run after which pictures have their full size
MULTIPLE = 8  # sides of growing pictures


class Feed(Protocol):
    """A source of batches."""

    def batch(self, index: Tensor, step: int) -> tuple[Tensor, Tensor]:
        """Training pictures at `index` (B,) as step `step` has them, and targets: labels (B,) or shares (B, K)."""
        ...

    def val(self, index: Tensor) -> Tensor:
        """Validation pictures at `index` (B,), unchanged."""
        ...


class Part:
    """Some of the pictures of a set, in an order of their own; held in memory channels last where they fit."""

    def __init__(self, data: Labelled, index: Tensor, device: torch.device) -> None:
        self.device = device
        self._held = len(index) * data.images[0].numel() <= IN_MEMORY
        self._places = torch.arange(len(index)) if self._held else index
        self.images = data.images
        if self._held:
            self.images = data.images[index].to(device, memory_format=torch.channels_last)
        self.labels = data.labels if not self._held else data.labels[index].to(device)

    def __len__(self) -> int:
        return len(self._places)

    def places(self, index: Tensor) -> Tensor:
        """Where in `images` and `labels` the pictures `index` of this part are."""
        return self._places[index]

    def labels_at(self, index: Tensor) -> Tensor:
        """Labels of the pictures `index` of this part, on the run's device."""
        return self.labels[self.places(index).to(self.labels.device)].to(self.device)


class Pixels:
    """Pictures, augmented, grown in the course of the run, normalized, and laid out as the network wants them."""

    def __init__(
        self,
        config: TrainConfig,
        parts: tuple[Part, Part],
        classes: int,
        normalize: Normalization,
        steps: int,
        layout: torch.memory_format,
    ) -> None:
        self.config, self.normalize, self.steps, self.format = config, normalize, steps, layout
        self.train_part, self.val_part = parts
        self.device = parts[0].device
        self.augment = Augment(config, classes)

    def batch(self, index: Tensor, step: int) -> tuple[Tensor, Tensor]:
        """(B, C, H, W) as the network sees them at that step, and their targets."""
        part = self.train_part
        places = part.places(index)
        images, targets = self.augment(part.images, places, part.labels, self.config.seed, step)
        x_BCHW = self.normalize(images.to(self.device))
        side = side_at(step / self.steps, self.config.first_size, x_BCHW.shape[-1])
        if side != x_BCHW.shape[-1]:
            x_BCHW = F.interpolate(x_BCHW, (side, side), mode="bilinear", antialias=True)
        return x_BCHW.contiguous(memory_format=self.format), targets.to(self.device)

    def val(self, index: Tensor) -> Tensor:
        """(B, C, H, W) of full size."""
        return self.shown(self.val_part.images[self.val_part.places(index)])

    def shown(self, images: Tensor) -> Tensor:
        """Any pictures, uint8 (B, C, H, W), as the network takes them."""
        return self.normalize(images.to(self.device)).contiguous(memory_format=self.format)


class Features:
    """What the body of a network makes of pictures, computed once for each and kept, fp32.

    The pictures that are computed together are always the same ones, the batches of the first epoch: so that the
    run learns from its first step on, and a resumed run has the same bits.
    """

    def __init__(self, config: TrainConfig, pixels: Pixels, body: Callable[[Tensor], Tensor]) -> None:
        self.pixels, self.body = pixels, body
        together = shuffled(len(pixels.train_part), config.batch_size, config.seed, 0)
        self._train = _Kept(together, len(pixels.train_part))
        self._val = _Kept(list(torch.arange(len(pixels.val_part)).split(config.batch_size)), len(pixels.val_part))

    def batch(self, index: Tensor, step: int) -> tuple[Tensor, Tensor]:
        """(B, F), and labels (B,)."""
        part = self.pixels.train_part
        labels = part.labels_at(index)
        return self._train.get(index, lambda own: self._of(part.images[part.places(own)])), labels

    def val(self, index: Tensor) -> Tensor:
        """(B, F)."""
        part = self.pixels.val_part
        return self._val.get(index, lambda own: self._of(part.images[part.places(own)]))

    def _of(self, images: Tensor) -> Tensor:
        return self.body(self.pixels.shown(images))


class _Kept:
    """Rows computed group by group, each group when one of its rows is first asked for."""

    def __init__(self, groups: list[Tensor], count: int) -> None:
        left_out = torch.ones(count, dtype=torch.bool)
        left_out[torch.cat(groups)] = False
        self.groups = [*groups, *([left_out.nonzero().flatten()] if left_out.any() else [])]
        self.group_of = torch.empty(count, dtype=torch.int64)
        for number, group in enumerate(self.groups):
            self.group_of[group] = number
        self.rows: Tensor | None = None
        self.known = torch.zeros(len(self.groups), dtype=torch.bool)

    def get(self, index: Tensor, compute: Callable[[Tensor], Tensor]) -> Tensor:
        for number in self.group_of[index].unique().tolist():
            if not self.known[number]:
                found = compute(self.groups[number])
                if self.rows is None:
                    self.rows = found.new_empty((len(self.group_of), *found.shape[1:]))
                self.rows[self.groups[number].to(found.device)] = found
                self.known[number] = True
        return self.rows[index.to(self.rows.device)]


def side_at(progress: float, first: float, side: int) -> int:
    """Side of the training pictures when `progress` (0 to 1) of the run is done: from `first` of it to all of it.

    >>> [side_at(t / 6, 0.5, 96) for t in range(7)]
    [48, 64, 72, 80, 96, 96, 96]
    """
    share = first + (1 - first) * min(1.0, progress / GROWN_AT)
    return side if share >= 1 else min(side, max(MULTIPLE, round(share * side / MULTIPLE) * MULTIPLE))
