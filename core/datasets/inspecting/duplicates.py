"""Finding duplicate images: identical to the pixel, or nearly (saved again, scaled, a little brighter or cropped).

A near copy is nearer than copies of this dataset's images are (`copy_calibration`), and much nearer than images that
have nothing to do with each other come in this dataset: handwritten ones resemble each other as photographs never do.
"""

from __future__ import annotations

import hashlib
import math
from typing import NamedTuple

import torch
from torch import Tensor

from core.datasets.inspecting.copy_calibration import calibrate
from core.datasets.inspecting.nearest_neighbours import nearest_neighbours
from core.datasets.inspecting.tangent_distance import Appearance, appearance_of, tangent_distances

PLAIN = 2.0  # grey levels of contrast below which an image shows nothing to compare
NEIGHBOURS, MORE_NEIGHBOURS = 16, 128  # the larger number if half of the smaller are copies
REFERENCE = 6  # the unrelated neighbour whose distance says how dense the dataset is there
FEW = 200  # images in a dataset that is too small to measure how unrelated images come close
LEAST_DIMENSION = 6.0  # where some parts of a dataset are denser than others the measured one is too low
USUAL = (0.6, 8.0)  # for these: the ratio that 5 % of unrelated images fall below, and the dimension
BY_CHANCE = 1e-3  # images with an unrelated one so near that it is taken for a copy


def exact_duplicates(images: Tensor) -> Tensor:
    """uint8 (N, 3, H, W) -> int64 (N,): for each image the index of the first one with the same pixels."""
    first: dict[bytes, int] = {}
    digests = (hashlib.blake2b(image.numpy(), digest_size=16).digest() for image in images)
    return torch.tensor([first.setdefault(digest, index) for index, digest in enumerate(digests)], dtype=torch.int64)


def near_duplicates(images: Tensor) -> Tensor:
    """uint8 (N, 3, H, H) -> int64 (N,): for each image the index of the first one it looks the same as.

    Each group has one image of which all others are copies (exact or near); copies of copies do not join it.
    Mirror images are not looked for.
    """
    first = exact_duplicates(images)
    of = appearance_of(images)
    index = torch.nonzero((first == torch.arange(len(images))) & (of.contrast >= PLAIN)).flatten()
    if len(index) < 2:
        return first
    near = _stars(_pairs(images, of, index), len(images))
    return near[first]


class _Pairs(NamedTuple):
    """Images `a` and `b`, int64 (P,) each, in both orders, and how far they are apart, float32 (P,)."""

    a: Tensor
    b: Tensor
    distance: Tensor


def _pairs(images: Tensor, of: Appearance, index: Tensor) -> Tensor:
    """Pairs of copies among the images at `index`: int64 (P, 2), each pair once."""
    limit, points = calibrate(images, of, index)
    of = of.at(index)
    rows = torch.arange(len(index))
    neighbours = nearest_neighbours(points, NEIGHBOURS)
    distances = tangent_distances(of, rows, neighbours)
    reference = _reference(distances, limit)
    crowded = torch.nonzero((distances <= limit).sum(1) > NEIGHBOURS // 2).flatten()
    close = _close(rows, neighbours, distances, limit)
    if len(crowded):
        neighbours = nearest_neighbours(points, MORE_NEIGHBOURS, crowded)
        more = tangent_distances(of, crowded, neighbours)
        reference[crowded] = _reference(more, limit)
        close = _Pairs(*map(torch.cat, zip(close, _close(crowded, neighbours, more, limit), strict=True)))
    back = tangent_distances(of, close.b, close.a[:, None]).flatten()
    distance = torch.maximum(close.distance, back)
    chance = _chance(distances, limit)
    reference = torch.where(reference.isfinite(), reference, _lowest(reference))
    believed = (distance <= limit) & (chance(distance / reference[close.a]) < BY_CHANCE)
    believed &= chance(distance / reference[close.b]) < BY_CHANCE
    pairs = torch.stack([close.a, close.b], 1)[believed].sort(1).values.unique(dim=0)
    return index[pairs]


def _close(rows: Tensor, neighbours: Tensor, distances: Tensor, limit: float) -> _Pairs:
    row, column = torch.nonzero(distances <= limit, as_tuple=True)
    return _Pairs(rows[row], neighbours[row, column], distances[row, column])


def _unrelated(distances: Tensor, limit: float) -> Tensor:
    """(M, K) -> each row sorted, with infinity for what may be copies."""
    return torch.where(distances <= limit, torch.inf, distances).sort(1).values


def _reference(distances: Tensor, limit: float) -> Tensor:
    """(M, K) -> the distance of the sixth unrelated neighbour (M,); the farthest if there are fewer, or infinity."""
    apart = _unrelated(distances, limit)[:, :REFERENCE]
    last = (apart.isfinite().sum(1) - 1).clamp_min(0)
    return apart.gather(1, last[:, None]).flatten()


def _lowest(reference: Tensor) -> Tensor:
    """For images that have copies only among their neighbours: a small distance of unrelated ones elsewhere."""
    known = reference[reference.isfinite()]
    return known.quantile(0.1) if len(known) else torch.tensor(torch.inf)


class _Chance(NamedTuple):
    r"""The share of images with an unrelated one nearer than `ratio` of the reference: $0.05 (u / u_5)^D$.

    In D dimensions the number of neighbours grows with the D-th power of the distance (Levina & Bickel 2004).
    """

    fifth: float
    dimension: float

    def __call__(self, ratio: Tensor) -> Tensor:
        return 0.05 * (ratio / self.fifth) ** self.dimension


def _chance(distances: Tensor, limit: float) -> _Chance:
    """Measured on the dataset itself: at which ratios 5 % and 30 % of its images have their nearest unrelated one."""
    apart = _unrelated(distances, limit)[:, :REFERENCE]
    apart = apart[apart[:, -1].isfinite()]
    if len(apart) < FEW or apart.shape[1] < REFERENCE:
        return _Chance(*USUAL)
    low, high = (apart[:, 0] / apart[:, -1]).quantile(torch.tensor([0.05, 0.30])).tolist()
    return _Chance(low, max(LEAST_DIMENSION, math.log(0.30 / 0.05) / max(1e-3, math.log(high / low))))


def _stars(pairs: Tensor, count: int) -> Tensor:
    """(P, 2) pairs of copies -> (N,) the first index of each image's group.

    The image with most copies takes them all, then the one with most among the rest: no chain joins unlike images.
    """
    copies: dict[int, list[int]] = {}
    for a, b in pairs.tolist():
        copies.setdefault(a, []).append(b)
        copies.setdefault(b, []).append(a)
    first = torch.arange(count)
    free = set(copies)
    for image in sorted(copies, key=lambda image: (-len(copies[image]), image)):
        if image in free:
            star = [image, *(copy for copy in copies[image] if copy in free)]
            first[star] = min(star)
            free.difference_update(star)
    return first
