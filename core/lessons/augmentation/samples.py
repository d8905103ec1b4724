"""Nine random samples of one image, what of it is still visible, and whether the label is still correct."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.augmentation import AUGMENTATIONS, Augment, Augmentations, BatchShape, Stage
from core.augmentation.augment import warp_matrix
from core.lessons.augmentation import template_matching
from core.lessons.augmentation.sample_images import SampleImage
from core.lessons.augmentation.template_matching import TemplateMatch

Draws = dict[str, dict[str, Tensor]]
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


def visible_cells(draws: Draws, batch: BatchShape) -> Tensor:
    """Which cells of the image are in view: bool (B, H, W), for the result of `Augment.draws`.

    Cells are traced from input to output; reflections at the border do not count as visible.
    """
    count, _, height, width = batch
    grid = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    rows, columns = (indices.expand(count, height, width) for indices in grid)
    entries = [(AUGMENTATIONS[name], draw) for name, draw in draws.items()]
    for entry, draw in entries:
        if entry.trace:
            rows, columns = entry.trace(rows, columns, draw, batch)
    visible = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    points = torch.stack(((2 * columns + 1) / width - 1, (2 * rows + 1) / height - 1, torch.ones_like(rows)), -1)
    warps = [(entry, draw) for entry, draw in entries if entry.stage is Stage.WARP]
    forward = torch.linalg.inv(warp_matrix(torch.empty(batch), warps))  # (B, 3, 3)
    output = points.float() @ forward.transpose(1, 2)[:, None]  # (B, H, W, 3)
    visible &= (output[..., :2].abs() <= 1).all(-1)
    columns, rows = (output[..., 0] + 1) / 2 * width, (output[..., 1] + 1) / 2 * height
    for entry, draw in entries:
        if entry.covers:
            visible &= ~entry.covers(rows, columns, draw)
    return visible


def visible_shares(visible: Tensor, boxes: Tensor) -> Tensor:
    """Part of each box that is in view: (B, H, W) and (K, 4) in pixels -> float (B, K)."""
    parts = []
    for x0, y0, x1, y1 in boxes.round().int().tolist():
        parts.append(visible[:, y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)].float().mean((1, 2)))
    return torch.stack(parts, 1)


def as_pixels(images: Tensor) -> np.ndarray:
    """A batch of 0..255 (B, 3, H, W) -> uint8 (B, H, W, 3)."""
    return images.float().round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).numpy()
