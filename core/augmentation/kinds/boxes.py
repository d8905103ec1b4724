"""Rectangles of given area, and which cells they cover."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from core.augmentation.types import Draw


def sides(area: Tensor, stretch: float, chance: Tensor) -> tuple[Tensor, Tensor]:
    """Height and width (B,), shares of the picture's sides, of rectangles of `area` (B,), shares of its area.

    Height over width lies between 1/stretch and stretch, in shares, evenly on a logarithmic scale by `chance` (B,)
    in 0..1; never so far that a side were longer than the picture's, so that no draw has to be repeated.
    """
    most = torch.minimum(torch.full_like(area, math.log(stretch)), -area.log())
    ratio = ((2 * chance - 1) * most).exp()
    return (area * ratio).sqrt().clamp(max=1), (area / ratio).sqrt().clamp(max=1)


def inside(box: Draw, height: int, width: int) -> Tensor:
    """Cells of a box from `top` and `left` to below `bottom` and `right`, int64 (B,): bool (B, 1, H, W)."""
    rows, columns = (torch.arange(side, device=box["top"].device) for side in (height, width))
    in_rows = (rows >= box["top"][:, None]) & (rows < box["bottom"][:, None])
    in_columns = (columns >= box["left"][:, None]) & (columns < box["right"][:, None])
    return in_rows[:, None, :, None] & in_columns[:, None, None, :]
