"""A batch as a network sees it while it trains: chance decides for each picture, and the batch is changed as one."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from core.augmentation.kinds.corruption import DAMAGE
from core.augmentation.kinds.geometric import MOVES
from core.augmentation.kinds.mixing import MIXING, partners, take_turns
from core.augmentation.kinds.photometric import COLOURS
from core.augmentation.recipe import Augmentations
from core.augmentation.rng import stream
from core.augmentation.types import Augmentation, Batch, Cells, Draw, Labelled, Stage

AUGMENTATIONS: dict[str, Augmentation] = MOVES | COLOURS | DAMAGE | MIXING  # in the order of application


@dataclass(frozen=True)
class Augment:
    """Changes the pictures of a batch, each by its own chance. Keeps nothing, so threads may share it.

    What it gives depends on its arguments alone, not on torch's global generators, and every draw is made on the CPU:
    the same seed and step give the same pictures on any device, up to the device's own rounding.
    """

    recipe: Augmentations
    classes: int

    def __call__(self, images: Tensor, index: Tensor, labels: Tensor, seed: int, step: int) -> tuple[Tensor, Tensor]:
        """The pictures at `index` (B,) of uint8 `images` (N, C, H, W), and their targets.

        Returns: pictures (B, C, H, W), uint8 where cells are only moved, else float32 in 0..255; targets int64 (B,),
        the labels, or float32 (B, K) where pictures are mixed.
        """
        draws = self.draws(Batch(len(index), *images.shape[1:]), seed, step)
        on_device = {name: {key: v.to(images.device) for key, v in draw.items()} for name, draw in draws.items()}
        pictures = _gather(images, index, self._of(Stage.CELLS, draws))
        targets = labels[index.to(labels.device)]
        if all(AUGMENTATIONS[name].stage is Stage.CELLS for name in draws):
            return pictures, targets
        x_BCHW = warp(pictures.float(), self._of(Stage.WARP, on_device))
        x_BCHW = _repaint(x_BCHW, self._of(Stage.PIXELS, on_device))
        if self.recipe.mixes:
            labelled = Labelled(x_BCHW, F.one_hot(targets, self.classes).float())
            x_BCHW, targets = _mix(labelled, self._of(Stage.MIX, on_device))
        return x_BCHW, targets

    def draws(self, batch: Batch, seed: int, step: int) -> dict[str, dict[str, Tensor]]:
        """What chance decides at one step, for each change that is on: by name, on the CPU."""
        drawn = {
            name: AUGMENTATIONS[name].draw(getattr(self.recipe, name), batch, stream(seed, step, name))
            for name in self.recipe.active
        }
        if self.recipe.mixup and self.recipe.cutmix:
            take_turns(drawn, stream(seed, step, "mixup or cutmix"))
        return drawn

    def _of(self, stage: Stage, draws: dict[str, dict[str, Tensor]]) -> list[tuple[Augmentation, Draw]]:
        entries = ((AUGMENTATIONS[name], draw) for name, draw in draws.items())
        return [(entry, draw) for entry, draw in entries if entry.stage is stage]


def cells_of(batch: Batch, moves: list[tuple[Augmentation, Draw]]) -> Cells:
    """From where each cell is taken after all `moves`."""
    rows, columns = (torch.arange(side).expand(batch.pictures, side) for side in (batch.height, batch.width))
    cells = Cells(rows, columns)
    for entry, draw in moves:
        cells = entry.apply(cells, draw)
    return cells


def _gather(images: Tensor, index: Tensor, moves: list[tuple[Augmentation, Draw]]) -> Tensor:
    """All moves of whole cells in one look-up: uint8 (N, C, H, W) -> (B, C, H, W)."""
    if not moves:
        return images[index.to(images.device)]
    count, channels, height, width = len(index), *images.shape[1:]
    rows, columns = (side.to(images.device) for side in cells_of(Batch(count, channels, height, width), moves))
    first = torch.arange(count, device=images.device)[:, None, None] * height
    cells = ((first + rows[:, :, None]) * width + columns[:, None, :]).flatten()
    pixels = images.permute(0, 2, 3, 1)[index.to(images.device)].reshape(-1, channels)  # (B H W, C)
    return pixels.index_select(0, cells).view(count, height, width, channels).permute(0, 3, 1, 2)


def place_of(x_BCHW: Tensor, warps: list[tuple[Augmentation, Draw]]) -> Tensor:
    """From an output place to the place it is read from, both -1..1 (x, y, 1): (B, 3, 3), the changes in order."""
    places = torch.eye(3, device=x_BCHW.device).expand(len(x_BCHW), 3, 3)
    for entry, draw in warps:
        places = places @ entry.apply(x_BCHW, draw)
    return places


def warp(x_BCHW: Tensor, warps: list[tuple[Augmentation, Draw]]) -> Tensor:
    """Cropped and rotated in a single bilinear interpolation, the border mirrored outwards."""
    if not warps:
        return x_BCHW
    grid = F.affine_grid(place_of(x_BCHW, warps)[:, :2], list(x_BCHW.shape), align_corners=False)
    return F.grid_sample(x_BCHW, grid, padding_mode="reflection", align_corners=False)


def _repaint(x_BCHW: Tensor, changes: list[tuple[Augmentation, Draw]]) -> Tensor:
    """Colours are changed in 0..1, as kornia has it; in and out is 0..255."""
    if not changes:
        return x_BCHW
    x_BCHW = x_BCHW / 255
    for entry, draw in changes:
        x_BCHW = entry.apply(x_BCHW, draw)
    return x_BCHW * 255


def _mix(own: Labelled, mixes: list[tuple[Augmentation, Draw]]) -> Labelled:
    """With partners as they were before any mixing, so that shares are of two pictures and no more."""
    other = Labelled(*map(partners, own))
    for entry, draw in mixes:
        own = entry.apply(own, other, draw)
    return own
