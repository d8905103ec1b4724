"""Nine random samples of one image, and whether the label is still correct."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.augmentation import AUGMENTATIONS, Augment, Augmentations, BatchShape
from core.lessons.augmentation import template_matching
from core.lessons.augmentation.sample_images import SampleImage
from core.lessons.augmentation.template_matching import TemplateMatch
from core.lessons.augmentation.visibility import Draws, visible_cells, visible_shares

COUNT = 9
ENOUGH = 0.5  # of what the label depends on has to be in view


@dataclass(frozen=True, eq=False)
class RandomSamples:
    """`images` uint8 (9, S, S, 3); `visible` float (9,), the share of the image in view, and `parts` (9, K), that of
    each of its boxes; `matches`, the best template, for letters and digits."""

    images: np.ndarray
    draws: Draws
    batch: BatchShape
    visible: Tensor
    parts: Tensor | None
    matches: list[TemplateMatch] | None

    def descriptions(self, index: int) -> list[str]:
        """What happened to one of them."""
        every = (
            AUGMENTATIONS[name].describe({key: values[index] for key, values in draw.items()})
            for name, draw in self.draws.items()
        )
        return [description for description in every if description]

    def is_mislabelled(self, index: int) -> bool:
        """Whether the label is wrong now, or can no longer be recognized."""
        if self.matches:
            return self.matches[index].is_confused
        return self.parts is not None and bool(self.parts[index].max() < ENOUGH)

    @property
    def mislabelled(self) -> int:
        """How many of the nine are mislabelled."""
        return sum(self.is_mislabelled(index) for index in range(COUNT))


def draw(sample: SampleImage, recipe: Augmentations, seed: int) -> RandomSamples:
    """Nine random samples, as a batch that holds the image nine times."""
    augment, batch = Augment(recipe, 1), BatchShape(COUNT, *sample.image.shape[1:])
    index, label = torch.zeros(COUNT, dtype=torch.int64), torch.zeros(1, dtype=torch.int64)
    changed, _ = augment(sample.image, index, label, seed, 0)
    draws = augment.draws(batch, seed, 0)
    visible = visible_cells(draws, batch)
    return RandomSamples(
        as_pixels(changed),
        draws,
        batch,
        visible.float().mean((1, 2)),
        None if sample.boxes is None else visible_shares(visible, sample.boxes),
        template_matching.match_augmented(recipe, sample.label, COUNT, seed) if sample.is_character else None,
    )


def as_pixels(images: Tensor) -> np.ndarray:
    """A batch of 0..255 (B, 3, H, W) -> uint8 (B, H, W, 3)."""
    return images.float().round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).numpy()
