"""How far two images are apart when a slight move, crop, blur or change of light does not count."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, avg_pool2d, pad

SIDE = 32  # cells of the greys that are compared
CHROMA_SIDE = 8
CONTRAST_FLOOR = 4.0  # grey levels added to the contrast, so that noise on a plain image is not blown up
MOVED = 0.02  # of the side: what a move or a change of size may well be
BLURRED, RESCALED, SHIFTED = 1.0, 0.2, 0.2  # the same for sharpness, contrast and brightness
NOISE = 0.02  # of the contrast: a difference this small is not worth explaining by moves
COLOURLESS = 4.0  # levels of chroma that a grey image may have, after compression
SAME_GREYS = 1.1  # ratio of the contrasts of a colour image and its grey copy
CHUNK = 1 << 21  # values of images made coarse at a time: a dataset that lies on disk must not be pulled into memory
ROWS = 64  # images whose distances are computed at a time
LUMA = (0.299, 0.587, 0.114)


class Appearance(NamedTuple):
    """What is compared of N images, in units of each image's own contrast.

    `grey` float16 (N, s, s) has mean 0, with s the smaller of the images' side and 32; `chroma` float16 (N, 2, c, c)
    is red and blue less the grey; `contrast` float32 (N,) is the standard deviation of the greys, 0..128.
    """

    grey: Tensor
    chroma: Tensor
    contrast: Tensor

    def at(self, index: Tensor) -> Appearance:
        return Appearance(*(part[index] for part in self))


def appearance_of(images: Tensor) -> Appearance:
    """uint8 (N, 3, H, H) -> what is compared of them, chunk by chunk."""
    count, side = len(images), min(SIDE, images.shape[-1])
    of = Appearance(
        grey=torch.empty(count, side, side, dtype=torch.float16),
        chroma=torch.empty(count, 2, min(CHROMA_SIDE, side), min(CHROMA_SIDE, side), dtype=torch.float16),
        contrast=torch.empty(count),
    )  # written in place: small results between large temporary ones would keep their memory from being freed
    for few in torch.arange(count).split(max(1, CHUNK // max(1, images[:1].numel()))):
        rows = slice(int(few[0]), int(few[-1]) + 1) if len(few) else slice(0)
        for whole, part in zip(of, _appearance(images[rows]), strict=True):
            whole[rows] = part
    return of


def _appearance(images: Tensor) -> Appearance:
    side = min(SIDE, images.shape[-1])
    colours = adaptive_avg_pool2d(images.float(), side)  # (N, 3, s, s)
    grey = (colours * torch.tensor(LUMA).view(1, 3, 1, 1)).sum(1, keepdim=True)
    chroma = adaptive_avg_pool2d(colours[:, ::2] - grey, min(CHROMA_SIDE, side))
    smooth = avg_pool2d(pad(grey, (1, 1, 1, 1), mode="replicate"), 3, 1)
    smooth = smooth - smooth.mean((1, 2, 3), keepdim=True)
    contrast = smooth.square().mean((1, 2, 3), keepdim=True).sqrt()
    unit = (contrast.square() + CONTRAST_FLOOR**2).sqrt()
    return Appearance((smooth / unit)[:, 0].half(), (chroma / unit).half(), contrast.flatten())


def tangent_distances(of: Appearance, index: Tensor, others: Tensor) -> Tensor:
    r"""Distances of images from others: (M,) indices and (M, K) indices -> float32 (M, K), 0 for the same look.

    The greys may differ by a small step along the tangents $J$ of moving, scaling, blurring, contrast and brightness,
    each with its own stiffness $\Lambda$; colours count as they are, unless one of the two images has none.

    $$d^2 = \min_p \tfrac{1}{s^2} \left( \lVert b - a - J p \rVert^2 + p^\top \Lambda p \right) + d_\text{chroma}^2$$

    Source: Simard, LeCun & Denker 1993, Efficient pattern recognition using a new transformation distance.
    """
    if not len(index):
        return torch.empty(others.shape)
    rows = zip(index.split(ROWS), others.split(ROWS), strict=True)
    return torch.cat([_distances(of, few, many) for few, many in rows])


def _distances(of: Appearance, index: Tensor, others: Tensor) -> Tensor:
    grey = of.grey[index].float()
    cells = grey[0].numel()
    tangents = _tangents(grey)  # (M, 7, s*s)
    apart = of.grey[others].float().flatten(2) - grey.flatten(1)[:, None]  # (M, K, s*s)
    gram = tangents @ tangents.transpose(1, 2) + cells * torch.diag(_stiffness(grey.shape[-1]))
    along = apart @ tangents.transpose(1, 2)  # (M, K, 7)
    explained = (along * torch.linalg.solve(gram, along.transpose(1, 2)).transpose(1, 2)).sum(2)
    left = (apart.square().sum(2) - explained).clamp_min(0) / cells
    apart_in_colour = 2 * (of.chroma[others].float() - of.chroma[index].float()[:, None]).square().mean((2, 3, 4))
    return (left + torch.where(_is_grey_copy(of, index, others), 0.0, apart_in_colour)).sqrt()


def _is_grey_copy(of: Appearance, index: Tensor, others: Tensor) -> Tensor:
    """Whether one of two images has no colour and the contrast that the other has without its own: (M,), (M, K)."""
    contrast = (of.contrast.square() + CONTRAST_FLOOR**2).sqrt()
    grey = of.chroma.abs().amax((1, 2, 3)) * contrast < COLOURLESS
    ratio = (contrast[others] / contrast[index][:, None]).log().abs()
    return (grey[index][:, None] | grey[others]) & (ratio < math.log(SAME_GREYS))


def _tangents(grey: Tensor) -> Tensor:
    """(M, s, s) -> how it changes when moved and scaled along x and y, blurred, rescaled, shifted: (M, 7, s*s)."""
    grey = grey[:, None]
    around = pad(grey, (1, 1, 1, 1), mode="replicate")
    left, right = around[:, :, 1:-1, :-2], around[:, :, 1:-1, 2:]
    above, below = around[:, :, :-2, 1:-1], around[:, :, 2:, 1:-1]
    x, y = (right - left) / 2, (below - above) / 2
    place = torch.linspace(-1, 1, grey.shape[-1])
    blur = (left + right + above + below) / 4 - grey
    return torch.cat([x, y, x * place, y * place[:, None], blur, grey, torch.ones_like(grey)], 1).flatten(2)


def _stiffness(side: int) -> Tensor:
    usual = torch.tensor([MOVED * side] * 4 + [BLURRED, RESCALED, SHIFTED])
    return (NOISE / usual).square()
