"""Explanation by covering: how much of a logit is lost when a square of the image is replaced by zeros."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.explain.hooks import evaluating
from core.explain.methods.gradients import images_at_once

SQUARES = 8  # that fit beside each other along a side


def square_side(x_BCHW: Tensor) -> int:
    """Side of the square that covers a part of images of this size, in pixels.

    >>> square_side(torch.empty(1, 3, 64, 64)), square_side(torch.empty(1, 1, 5, 5))
    (8, 2)
    """
    return max(2, round(max(x_BCHW.shape[-2:]) / SQUARES))


@torch.no_grad()
def occlusion(
    model: nn.Module, x_BCHW: Tensor, class_B: Tensor, side: int | None = None, stride: int | None = None
) -> Tensor:
    r"""Occlusion: what the logit loses on average when a square that covers the pixel is set to zero. -> (B, H, W).

    $$M_c(i, j) = \frac{1}{|\{W \ni (i, j)\}|} \sum_{W \ni (i, j)} \bigl(y_c(x) - y_c(x \text{ with } W = 0)\bigr)$$

    Args: the squares W have `side` pixels and begin every `stride` pixels: an eighth of the image and half of that
    unless said; those at the right and lower border are cut off.
    Source: Zeiler & Fergus 2014, arXiv:1311.2901.
    """
    side = side or square_side(x_BCHW)
    stride = stride or max(1, side // 2)
    masks_WHW = _windows(x_BCHW.shape[-2], x_BCHW.shape[-1], side, stride)
    with evaluating(model):
        maps = [_one(model, x[None], label, masks_WHW) for x, label in zip(x_BCHW, class_B, strict=True)]
    return torch.stack(maps)


def _windows(height: int, width: int, side: int, stride: int) -> Tensor:
    """Which pixels each square covers: bool (W, H, W')."""
    rows, columns = (_spans(length, side, stride) for length in (height, width))
    return (rows[:, None, :, None] & columns[None, :, None, :]).flatten(0, 1)


def _spans(length: int, side: int, stride: int) -> Tensor:
    """Where each square lies along one axis: bool (N, length); the last one reaches the end.

    >>> _spans(5, 3, 2).int().tolist()
    [[1, 1, 1, 0, 0], [0, 0, 1, 1, 1]]
    """
    count = -(-max(length - side, 0) // stride) + 1
    starts, cells = torch.arange(count)[:, None] * stride, torch.arange(length)
    return (starts <= cells) & (cells < starts + side)


def _one(model: nn.Module, x_1CHW: Tensor, label: Tensor, masks_WHW: Tensor) -> Tensor:
    parts = []
    for masks in masks_WHW.split(images_at_once(x_1CHW)):
        covered = x_1CHW.masked_fill(masks[:, None], 0)
        parts.append(model(covered)[:, label])
    lost_W = model(x_1CHW)[0, label] - torch.cat(parts)
    weights_WHW = masks_WHW.to(lost_W.dtype)
    return torch.einsum("w,whv->hv", lost_W, weights_WHW) / weights_WHW.sum(0)
