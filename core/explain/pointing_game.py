"""Whether an explanation points at what a picture was made to be told by, against a map that knows nothing."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True)
class Pointing:
    """Means over pictures: share of the positive map that lies in the boxes, share of the picture that they cover.

    `peaks` is the share of pictures whose highest place lies in a box; `pictures` had a positive place at all.
    """

    inside: float
    chance: float
    peaks: float
    pictures: int

    @property
    def times_chance(self) -> float:
        """How much more of the map lies in the boxes than of an even one would."""
        return self.inside / self.chance if self.chance else 0.0


def enlarged(map_Bhw: Tensor, side: int) -> Tensor:
    """Maps laid over pictures of side x side: bilinear, cell centres kept. (B, h, w) -> (B, side, side)."""
    return F.interpolate(map_Bhw[:, None], (side, side), mode="bilinear", align_corners=False)[:, 0]


def inside(boxes_BK4: Tensor, side: int) -> Tensor:
    """Which pixels have their middle in any of a picture's boxes (x0 y0 x1 y1, pixels): bool (B, side, side)."""
    middles = torch.arange(side, device=boxes_BK4.device) + 0.5
    x0, y0, x1, y1 = (boxes_BK4[..., i, None] for i in range(4))
    across, down = (x0 <= middles) & (middles < x1), (y0 <= middles) & (middles < y1)  # (B, K, side)
    return (down[..., :, None] & across[..., None, :]).any(1)


def pointing(map_Bhw: Tensor, boxes_BK4: Tensor, side: int) -> Pointing:
    """How well maps point into the boxes of their pictures; maps without a positive place do not count.

    Source: Zhang et al. 2016, arXiv:1608.00507, for the peaks ("pointing game").
    """
    weight_BHW, mask_BHW = enlarged(map_Bhw, side).clamp(min=0).double(), inside(boxes_BK4, side)
    counts = weight_BHW.sum((1, 2)) > 0
    weight_BHW, mask_BHW = weight_BHW[counts], mask_BHW[counts]
    if not len(weight_BHW):
        return Pointing(0.0, 0.0, 0.0, 0)
    shares = (weight_BHW * mask_BHW).sum((1, 2)) / weight_BHW.sum((1, 2))
    highest = weight_BHW.flatten(1).argmax(1, keepdim=True)
    peaks = mask_BHW.flatten(1).gather(1, highest).double().mean()
    chance = mask_BHW.double().mean()
    return Pointing(float(shares.mean()), float(chance), float(peaks), len(weight_BHW))
