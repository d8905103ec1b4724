"""A batch as a network sees it during training: random numbers for each image, and one change of the whole batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from core.augmentation.kinds.mixing import partners, take_turns
from core.augmentation.recipe import AUGMENTATIONS, Augmentations
from core.augmentation.rng import stream
from core.augmentation.types import Augmentation, BatchShape, CellIndices, Draw, LabelledBatch, Stage


@dataclass(frozen=True)
class Augment:
    """Changes the images of a batch, each at random. It has no state, so threads may share it.

    The result depends on the arguments alone, not on torch's global generators, and random numbers come from the CPU:
    the same seed and step give the same images on any device, up to the rounding of the device.
    """

    recipe: Augmentations
    classes: int

    def __call__(self, images: Tensor, index: Tensor, labels: Tensor, seed: int, step: int) -> tuple[Tensor, Tensor]:
        """The images at `index` (B,) of uint8 `images` (N, C, H, W), and their targets.

        Returns: images (B, C, H, W), uint8 if whole cells are shifted only, else float32 in 0..255; targets int64 (B,),
        the labels, or float32 (B, K) if images are mixed.
        """
        draws = self.draws(BatchShape(len(index), *images.shape[1:]), seed, step)
        on_device = {name: {key: v.to(images.device) for key, v in draw.items()} for name, draw in draws.items()}
        x_BCHW = _gather(images, index, self._of(Stage.CELLS, draws))
        targets = labels[index.to(labels.device)]
        if all(AUGMENTATIONS[name].stage is Stage.CELLS for name in draws):
            return x_BCHW, targets
        x_BCHW = warp(x_BCHW.float(), self._of(Stage.WARP, on_device))
        x_BCHW = _change_pixels(x_BCHW, self._of(Stage.PIXELS, on_device))
        if self.recipe.mixes:
            labelled = LabelledBatch(x_BCHW, F.one_hot(targets, self.classes).float())
            x_BCHW, targets = _mix(labelled, self._of(Stage.MIX, on_device))
        return x_BCHW, targets

    def draws(self, batch: BatchShape, seed: int, step: int) -> dict[str, dict[str, Tensor]]:
        """The random numbers of one step for each augmentation that is on: by name, on the CPU."""
        every = {
            name: AUGMENTATIONS[name].draw(getattr(self.recipe, name), batch, stream(seed, step, name))
            for name in self.recipe.active
        }
        if self.recipe.mixup and self.recipe.cutmix:
            take_turns(every, stream(seed, step, "mixup or cutmix"))
        return every

    def _of(self, stage: Stage, draws: dict[str, dict[str, Tensor]]) -> Sequence[tuple[Augmentation, Draw]]:
        entries = ((AUGMENTATIONS[name], draw) for name, draw in draws.items())
        return [(entry, draw) for entry, draw in entries if entry.stage is stage]


def cells_of(batch: BatchShape, geometric: Sequence[tuple[Augmentation, Draw]]) -> CellIndices:
    """From which cell each cell is taken after all augmentations of whole cells."""
    rows, columns = (torch.arange(side).expand(batch.images, side) for side in (batch.height, batch.width))
    cells = CellIndices(rows, columns)
    for entry, draw in geometric:
        cells = entry.apply(cells, draw)
    return cells


def _gather(images: Tensor, index: Tensor, geometric: Sequence[tuple[Augmentation, Draw]]) -> Tensor:
    """All augmentations of whole cells in one look-up: uint8 (N, C, H, W) -> (B, C, H, W)."""
    if not geometric:
        return images[index.to(images.device)]
    count, channels, height, width = len(index), *images.shape[1:]
    rows, columns = (side.to(images.device) for side in cells_of(BatchShape(count, channels, height, width), geometric))
    first = torch.arange(count, device=images.device)[:, None, None] * height
    cells = ((first + rows[:, :, None]) * width + columns[:, None, :]).flatten()
    pixels = images.permute(0, 2, 3, 1)[index.to(images.device)].reshape(-1, channels)  # (B H W, C)
    return pixels.index_select(0, cells).view(count, height, width, channels).permute(0, 3, 1, 2)


def warp_matrix(x_BCHW: Tensor, warps: Sequence[tuple[Augmentation, Draw]]) -> Tensor:
    """From output coordinates to those they are read from, both -1..1 (x, y, 1): (B, 3, 3), all warps in order."""
    matrix = torch.eye(3, device=x_BCHW.device).expand(len(x_BCHW), 3, 3)
    for entry, draw in warps:
        matrix = matrix @ entry.apply(x_BCHW, draw)
    return matrix


def warp(x_BCHW: Tensor, warps: Sequence[tuple[Augmentation, Draw]]) -> Tensor:
    """Cropped and rotated in a single bilinear interpolation, the border mirrored outwards."""
    if not warps:
        return x_BCHW
    grid = F.affine_grid(warp_matrix(x_BCHW, warps)[:, :2], list(x_BCHW.shape), align_corners=False)
    return F.grid_sample(x_BCHW, grid, padding_mode="reflection", align_corners=False)


def _change_pixels(x_BCHW: Tensor, pixelwise: Sequence[tuple[Augmentation, Draw]]) -> Tensor:
    """Pixels are changed in 0..1, as in kornia; in and out is 0..255."""
    if not pixelwise:
        return x_BCHW
    x_BCHW = x_BCHW / 255
    for entry, draw in pixelwise:
        x_BCHW = entry.apply(x_BCHW, draw)
    return x_BCHW * 255


def _mix(own: LabelledBatch, mixes: Sequence[tuple[Augmentation, Draw]]) -> LabelledBatch:
    """Partners are those before any mixing, so that no image is mixed from more than two."""
    other = LabelledBatch(*map(partners, own))
    for entry, draw in mixes:
        own = entry.apply(own, other, draw)
    return own
