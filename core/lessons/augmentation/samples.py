"""One picture drawn nine times by a recipe, and what is left of its label each time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.augmentation import AUGMENTATIONS, Augment, Augmentations, Batch
from core.lessons.augmentation import template_matching
from core.lessons.augmentation.sample_images import Subject
from core.lessons.augmentation.template_matching import Reading
from core.lessons.augmentation.visibility import Draws, seen, shares

COUNT = 9
ENOUGH = 0.5  # of what the label rests on has to be in view


@dataclass(frozen=True, eq=False)
class Nine:
    """`pictures` uint8 (9, S, S, 3); `visible` float (9,), how much of the picture is in view, and `parts` (9, K), how
    much of each of its boxes; `readings`, what the sign looks like, where it is one."""

    pictures: np.ndarray
    draws: Draws
    batch: Batch
    visible: Tensor
    parts: Tensor | None
    readings: list[Reading] | None

    def words(self, place: int) -> list[str]:
        """What chance decided for one of them."""
        said = (
            AUGMENTATIONS[name].says({key: values[place] for key, values in draw.items()})
            for name, draw in self.draws.items()
        )
        return [words for words in said if words]

    def is_spoilt(self, place: int) -> bool:
        """Whether the label is wrong now, or nothing is left to know it by."""
        if self.readings:
            return self.readings[place].is_another
        return self.parts is not None and bool(self.parts[place].max() < ENOUGH)

    @property
    def spoilt(self) -> int:
        """How many of the nine have lost their label."""
        return sum(self.is_spoilt(place) for place in range(COUNT))


def draw(subject: Subject, recipe: Augmentations, seed: int) -> Nine:
    """Nine draws, as a batch that holds the picture nine times."""
    augment, batch = Augment(recipe, 1), Batch(COUNT, *subject.image.shape[1:])
    where, label = torch.zeros(COUNT, dtype=torch.int64), torch.zeros(1, dtype=torch.int64)
    changed, _ = augment(subject.image, where, label, seed, 0)
    draws = augment.draws(batch, seed, 0)
    visible = seen(draws, batch)
    return Nine(
        as_pixels(changed),
        draws,
        batch,
        visible.float().mean((1, 2)),
        None if subject.boxes is None else shares(visible, subject.boxes),
        template_matching.read_changed(recipe, subject.label, COUNT, seed) if subject.is_sign else None,
    )


def as_pixels(pictures: Tensor) -> np.ndarray:
    """A batch of 0..255 (B, 3, H, W) -> uint8 (B, H, W, 3)."""
    return pictures.float().round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).numpy()
