"""What a copy looks like in one particular dataset, learnt from copies that are made of some of its images."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, affine_grid, grid_sample, interpolate

from core.datasets.inspecting.tangent_distance import Appearance, appearance_of, tangent_distances

SAMPLE = 256  # images of which copies are made
COPY_SIDE = 64  # pixels at most: copies of larger images are made of reduced ones
CROPPED, REDUCED, QUALITY = 0.02, 0.75, 50
TYPICAL = 0.95  # of the copies made are nearer than the limit without its margin
MARGIN = 1.25
LEAST, MOST = 0.05, 0.25  # bounds of the limit, in units of an image's contrast
DIMENSIONS = 64  # of the points among which neighbours are looked for
RIDGE = 0.3  # of the mean variance of copies: differences that no copy shows are not divided by zero


class CopyCalibration(NamedTuple):
    """`limit` is the largest tangent distance of a copy; `points` float32 (N, D) are far apart unless copies."""

    limit: float
    points: Tensor


def calibrate(images: Tensor, of: Appearance, index: Tensor) -> CopyCalibration:
    """Measure copies made of some of the images at `index`, int64 (M,): uint8 (N, 3, H, H) and their appearance.

    Points are the coarse images, projected to where the dataset varies much and copies little (Fisher 1936).
    """
    sample = index[torch.linspace(0, len(index) - 1, min(SAMPLE, len(index))).long()]
    features = _features(of.at(index))
    reduced = _reduced(images, sample)
    changes, distances = [], []
    for few in torch.arange(len(sample)).split(SAMPLE // 4):
        own, at = of.at(sample[few]), torch.arange(len(few))
        for copies in _copies(reduced[few]):
            made = appearance_of(copies)
            both = Appearance(*(torch.cat(pair) for pair in zip(own, made, strict=True)))
            there = tangent_distances(both, at, at[:, None] + len(at))
            back = tangent_distances(both, at + len(at), at[:, None])
            distances.append(torch.maximum(there, back).flatten())
            changes.append(_features(made) - _features(own))
    limit = MARGIN * float(torch.cat(distances).quantile(TYPICAL))
    return CopyCalibration(min(max(limit, LEAST), MOST), features @ _discriminant(features, torch.cat(changes)))


def _reduced(images: Tensor, index: Tensor) -> Tensor:
    """Some of uint8 (N, 3, H, H) -> (M, 3, s, s) with s at most `COPY_SIDE`, one after the other."""
    side = min(COPY_SIDE, images.shape[-1])
    reduced = torch.empty(len(index), 3, side, side, dtype=torch.uint8)
    for row, place in zip(reduced, index.tolist(), strict=True):
        row.copy_(_bytes(adaptive_avg_pool2d(images[place].float(), side)))
    return reduced


def _copies(images: Tensor) -> Iterator[Tensor]:
    """uint8 (N, 3, s, s) -> the same images cropped at two opposite corners, made smaller, and saved as JPEG."""
    x, side = images.float(), images.shape[-1]
    for corner in (CROPPED, -CROPPED):
        window = torch.tensor([[1 - CROPPED, 0, corner], [0, 1 - CROPPED, corner]]).expand(len(x), 2, 3)
        grid = affine_grid(window, list(x.shape), align_corners=False)
        yield _bytes(grid_sample(x, grid, mode="bicubic", padding_mode="border", align_corners=False))
    small = interpolate(x, size=(max(1, round(REDUCED * side)),) * 2, mode="bicubic", antialias=True)
    yield _bytes(interpolate(small, size=(side, side), mode="bicubic"))
    yield torch.stack([_as_jpeg(image) for image in images])


def _bytes(x: Tensor) -> Tensor:
    return x.clamp(0, 255).round().to(torch.uint8)


def _as_jpeg(image: Tensor) -> Tensor:
    file = io.BytesIO()
    Image.fromarray(image.permute(1, 2, 0).numpy()).save(file, "JPEG", quality=QUALITY)
    return torch.from_numpy(np.array(Image.open(file))).permute(2, 0, 1)


def _features(of: Appearance) -> Tensor:
    """Greys of 16x16 cells and colours of 4x4: float32 (N, 288), or fewer for smaller images."""
    grey, chroma = of.grey.float()[:, None], of.chroma.float()
    coarse = adaptive_avg_pool2d(grey, min(16, grey.shape[-1])).flatten(1)
    colours = adaptive_avg_pool2d(chroma, min(4, chroma.shape[-1])).flatten(1)
    return torch.cat([coarse / coarse.shape[1] ** 0.5, colours / colours.shape[1] ** 0.5], 1)


def _discriminant(features: Tensor, changes: Tensor) -> Tensor:
    """(N, F) features and (C, F) changes by copying -> (F, D): the directions of most variance for each of copies."""
    own = features[:: max(1, len(features) // 4_000)]
    within = changes.T @ changes / len(changes)
    within += RIDGE * within.diagonal().mean().clamp_min(1e-9) * torch.eye(len(within))
    values, vectors = torch.linalg.eigh(within)
    whiten = vectors / values.sqrt()
    between = torch.linalg.eigh(whiten.T @ torch.cov(own.T, correction=0) @ whiten)
    return whiten @ between.eigenvectors[:, -DIMENSIONS:]
