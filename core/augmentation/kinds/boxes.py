"""Rectangles of given area, and which cells they cover."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from core.augmentation.types import Draw


def sides(area: Tensor, stretch: float, ratio: Tensor) -> tuple[Tensor, Tensor]:
    """Height and width (B,) of rectangles of `area` (B,), all in shares of the image.

    Height over width is between 1/stretch and stretch, uniform on a logarithmic scale by `ratio` (B,) in 0..1; limited
    so that no rectangle exceeds the image and no draw has to be repeated.
    """
    limit = torch.minimum(torch.full_like(area, math.log(stretch)), -area.log())
    aspect = ((2 * ratio - 1) * limit).exp()
    return (area * aspect).sqrt().clamp(max=1), (area / aspect).sqrt().clamp(max=1)


def inside(box: Draw, height: int, width: int) -> Tensor:
    """Cells of boxes from `top` and `left` to before `bottom` and `right`, int64 (B,): bool (B, 1, H, W)."""
    rows, columns = (torch.arange(side, device=box["top"].device) for side in (height, width))
    return covers(rows[:, None], columns, box)[:, None]


def covers(rows: Tensor, columns: Tensor, box: Draw) -> Tensor:
    """Which of some cells lie in the boxes, one of each image: (B, H, W), or what is broadcast to that."""
    top, bottom, left, right = (box[key][:, None, None] for key in ("top", "bottom", "left", "right"))
    return ((rows >= top) & (rows < bottom)) & ((columns >= left) & (columns < right))
