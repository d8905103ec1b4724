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
    in_rows = (rows >= box["top"][:, None]) & (rows < box["bottom"][:, None])
    in_columns = (columns >= box["left"][:, None]) & (columns < box["right"][:, None])
    return in_rows[:, None, :, None] & in_columns[:, None, None, :]
