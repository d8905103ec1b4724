"""How much of an image, and of what its label depends on, is still visible after augmentation."""

from __future__ import annotations

import torch
from torch import Tensor

from core.augmentation import AUGMENTATIONS, BatchShape, Stage
from core.augmentation.augment import warp_matrix

Draws = dict[str, dict[str, Tensor]]


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
