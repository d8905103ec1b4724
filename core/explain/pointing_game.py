"""Whether an explanation points at what distinguishes the classes, compared with a uniform map."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True)
class PointingGame:
    """Means over images: share of the positive map that lies in the boxes, share of the image that they cover.

    `peaks` is the share of images whose maximum lies in a box; `images` is how many had a positive cell at all.
    """

    inside: float
    chance: float
    peaks: float
    images: int

    @property
    def times_chance(self) -> float:
        """How much more of the map lies in the boxes than of a uniform one would."""
        return self.inside / self.chance if self.chance else 0.0


def enlarged(map_Bhw: Tensor, size: int) -> Tensor:
    """Maps at the size of their images: bilinear, cell centres kept. (B, h, w) -> (B, size, size)."""
    return F.interpolate(map_Bhw[:, None], (size, size), mode="bilinear", align_corners=False)[:, 0]


def inside(boxes_BK4: Tensor, side: int) -> Tensor:
    """Which pixels have their middle in any of an image's boxes (x0 y0 x1 y1, pixels): bool (B, side, side)."""
    middles = torch.arange(side, device=boxes_BK4.device) + 0.5
    x0, y0, x1, y1 = (boxes_BK4[..., i, None] for i in range(4))
    columns, rows = (x0 <= middles) & (middles < x1), (y0 <= middles) & (middles < y1)  # (B, K, side)
    return (rows[..., :, None] & columns[..., None, :]).any(1)


def pointing_game(map_Bhw: Tensor, boxes_BK4: Tensor, side: int) -> PointingGame:
    """How well maps point into the boxes of their images; maps without a positive cell do not count.

    Source: Zhang et al. 2016, arXiv:1608.00507, for the peaks ("pointing game").
    """
    weight_BHW, mask_BHW = enlarged(map_Bhw, side).clamp(min=0).double(), inside(boxes_BK4, side)
    counts = weight_BHW.sum((1, 2)) > 0
    weight_BHW, mask_BHW = weight_BHW[counts], mask_BHW[counts]
    if not len(weight_BHW):
        return PointingGame(0.0, 0.0, 0.0, 0)
    shares = (weight_BHW * mask_BHW).sum((1, 2)) / weight_BHW.sum((1, 2))
    highest = weight_BHW.flatten(1).argmax(1, keepdim=True)
    peaks = mask_BHW.flatten(1).gather(1, highest).double().mean()
    chance = mask_BHW.double().mean()
    return PointingGame(float(shares.mean()), float(chance), float(peaks), len(weight_BHW))
