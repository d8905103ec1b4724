"""Whether an explanation ranks the pixels as the network uses them: take them away, or give them, in that order."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.explain.hooks import evaluating
from core.explain.methods.gradients import images_at_once

STEPS = 20
BLUR = 8  # times smaller than the image that insertion begins with


@dataclass(frozen=True, eq=False)
class InsertionDeletion:
    """The probability of a class while the pixels are given to or taken from the network, the most important first.

    `shares` (N,) of the pixels, from 0 to 1; `insertion` and `deletion` (N,) probabilities at each.
    """

    shares: Tensor
    insertion: Tensor
    deletion: Tensor

    @property
    def insertion_area(self) -> float:
        """Area under the insertion curve, 0 to 1: the higher the better the ranking."""
        return float(torch.trapezoid(self.insertion, self.shares))

    @property
    def deletion_area(self) -> float:
        """Area under the deletion curve, 0 to 1: the lower the better the ranking."""
        return float(torch.trapezoid(self.deletion, self.shares))


@torch.no_grad()
def insertion_deletion(
    model: nn.Module, x_1CHW: Tensor, label: int, importance_HW: Tensor, steps: int = STEPS, seed: int = 0
) -> InsertionDeletion:
    """Both curves of one image; `importance_HW` has a value for each of its pixels.

    Deleted pixels become zeros; insertion begins with the image blurred. Pixels of equal importance come in an order
    drawn with `seed`.
    Source: Petsiuk, Das & Saenko 2018, arXiv:1806.07421.
    """
    shares = torch.linspace(0, 1, steps + 1, dtype=torch.float64)
    rank_HW = _ranks(importance_HW, seed)
    taken_NHW = rank_HW < (shares * rank_HW.numel()).round()[:, None, None]
    with evaluating(model):
        deleted = _probabilities(model, x_1CHW, torch.zeros_like(x_1CHW), ~taken_NHW, label)
        inserted = _probabilities(model, x_1CHW, _blurred(x_1CHW), taken_NHW, label)
    return InsertionDeletion(shares, inserted, deleted)


def _ranks(importance_HW: Tensor, seed: int) -> Tensor:
    """The position of each pixel in the order from the most to the least important."""
    flat = importance_HW.flatten()
    drawn = torch.randperm(len(flat), generator=torch.Generator().manual_seed(seed))
    order = drawn[flat[drawn].argsort(descending=True, stable=True)]
    ranks = torch.empty_like(order)
    ranks[order] = torch.arange(len(order))
    return ranks.view(importance_HW.shape)


def _blurred(x_1CHW: Tensor) -> Tensor:
    """The image reduced by averaging and enlarged again."""
    height, width = x_1CHW.shape[-2:]
    small = F.adaptive_avg_pool2d(x_1CHW, (max(1, height // BLUR), max(1, width // BLUR)))
    return F.interpolate(small, (height, width), mode="bilinear", align_corners=False)


def _probabilities(model: nn.Module, x_1CHW: Tensor, otherwise: Tensor, shown_NHW: Tensor, label: int) -> Tensor:
    """The probability of the class for the image where it is shown, and `otherwise` elsewhere: float64 (N,)."""
    parts = []
    for shown in shown_NHW.split(images_at_once(x_1CHW)):
        parts.append(model(torch.where(shown[:, None], x_1CHW, otherwise)).double().softmax(1)[:, label])
    return torch.cat(parts)
