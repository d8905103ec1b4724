"""How much of a picture, and of what its label rests on, is still in view after a change."""

from __future__ import annotations

import torch
from torch import Tensor

from core.augmentation import AUGMENTATIONS, Batch, Stage
from core.augmentation.augment import place_of

Draws = dict[str, dict[str, Tensor]]


def seen(draws: Draws, batch: Batch) -> Tensor:
    """Which cells of the picture are in view: bool (B, H, W), for what `Augment.draws` gave.

    Followed from where they are to where they go; a mirror image at the border does not count as seen.
    """
    count, _, height, width = batch
    grid = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    y, x = (places.expand(count, height, width) for places in grid)
    y, x = _moved(draws, y, x, height, width)
    visible = (y >= 0) & (y < height) & (x >= 0) & (x < width)
    places = torch.stack(((2 * x + 1) / width - 1, (2 * y + 1) / height - 1, torch.ones_like(x)), -1).float()
    warps = [(AUGMENTATIONS[name], draw) for name, draw in draws.items() if AUGMENTATIONS[name].stage is Stage.WARP]
    back = torch.linalg.inv(place_of(torch.empty(batch), warps))  # (B, 3, 3)
    goes = places @ back.transpose(1, 2)[:, None]  # (B, H, W, 3)
    visible &= (goes[..., :2].abs() <= 1).all(-1)
    return visible & ~_erased(draws, goes, height, width)


def _moved(draws: Draws, y: Tensor, x: Tensor, height: int, width: int) -> tuple[Tensor, Tensor]:
    def by(name: str, key: str) -> Tensor:
        return draws[name][key][:, None, None]

    if "flip" in draws:
        x = torch.where(by("flip", "flipped"), width - 1 - x, x)
    if "vertical_flip" in draws:
        y = torch.where(by("vertical_flip", "flipped"), height - 1 - y, y)
    if "shift" in draws:
        y, x = y + by("shift", "down"), x + by("shift", "right")
    return y, x


def _erased(draws: Draws, goes: Tensor, height: int, width: int) -> Tensor:
    if "erase" not in draws:
        return torch.zeros(goes.shape[:-1], dtype=torch.bool)
    top, bottom, left, right = (draws["erase"][k][:, None, None] for k in ("top", "bottom", "left", "right"))
    x, y = (goes[..., 0] + 1) / 2 * width, (goes[..., 1] + 1) / 2 * height
    return (y >= top) & (y < bottom) & (x >= left) & (x < right)


def shares(visible: Tensor, boxes: Tensor) -> Tensor:
    """Part of each box that is in view: (B, H, W) and (K, 4) in pixels -> float (B, K)."""
    parts = []
    for x0, y0, x1, y1 in boxes.round().int().tolist():
        parts.append(visible[:, y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)].float().mean((1, 2)))
    return torch.stack(parts, 1)
