"""Digits as a pen draws them: lines through a few points of several styles, bent, slanted, moved and of any thickness.

They are trained with beside the scanned digits of scikit-learn, which are all centred and of one size.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

Stroke = tuple[tuple[float, float], ...]  # points (right, down) in a square of side 1
PER_POINT = 8  # samples of a curve between two of its points
JITTER, SLANT, TURN = 0.035, 0.25, 0.2  # of the square's side, of the height, radians
SIZES, NARROW, PEN = (0.5, 0.85), (0.55, 1.0), (1.1, 2.6)  # of the image's side, of the height, pixels
CURVED, STRAIGHT = True, False
_SIX = (
    (0.8, 0.05), (0.35, 0.2), (0.1, 0.65), (0.35, 0.98), (0.8, 0.92), (0.88, 0.65), (0.55, 0.5), (0.13, 0.65),
)  # fmt: skip
_EIGHT = (
    (0.5, 0.48), (0.15, 0.25), (0.5, 0), (0.85, 0.25), (0.5, 0.48), (0.08, 0.75), (0.5, 1), (0.92, 0.75), (0.5, 0.48),
)  # fmt: skip

# A style is its strokes, each with whether it is a curve through its points.
STYLES: Sequence[Sequence[Sequence[tuple[bool, Stroke]]]] = (
    [[(CURVED, ((0.5, 0), (0.1, 0.25), (0.05, 0.6), (0.3, 0.97), (0.7, 0.97), (0.95, 0.6), (0.9, 0.25), (0.5, 0)))]],
    [
        [(STRAIGHT, ((0.5, 0), (0.5, 1)))],
        [(STRAIGHT, ((0.2, 0.28), (0.55, 0), (0.55, 1)))],
        [(STRAIGHT, ((0.2, 0.28), (0.55, 0), (0.55, 1))), (STRAIGHT, ((0.2, 1), (0.9, 1)))],
    ],
    [
        [
            (CURVED, ((0.08, 0.27), (0.3, 0.02), (0.7, 0.03), (0.88, 0.3), (0.6, 0.62), (0.05, 1))),
            (STRAIGHT, ((0.05, 1), (0.95, 1))),
        ],
        [(STRAIGHT, ((0.1, 0.05), (0.9, 0.05), (0.9, 0.5), (0.1, 0.5), (0.1, 1), (0.95, 1)))],
    ],
    [
        [(CURVED, ((0.1, 0.12), (0.5, 0), (0.85, 0.22), (0.45, 0.47), (0.9, 0.72), (0.55, 1), (0.08, 0.88)))],
        [(STRAIGHT, ((0.1, 0), (0.9, 0), (0.42, 0.4))), (CURVED, ((0.42, 0.4), (0.92, 0.65), (0.5, 1), (0.08, 0.88)))],
    ],
    [
        [(STRAIGHT, ((0.25, 0), (0.08, 0.55), (0.95, 0.55))), (STRAIGHT, ((0.7, 0.2), (0.7, 1)))],
        [(STRAIGHT, ((0.7, 1), (0.7, 0), (0.05, 0.68), (0.98, 0.68)))],
    ],
    [
        [
            (STRAIGHT, ((0.85, 0.02), (0.2, 0.02), (0.15, 0.43))),
            (CURVED, ((0.15, 0.43), (0.6, 0.38), (0.92, 0.68), (0.55, 1), (0.08, 0.9))),
        ],
        [(STRAIGHT, ((0.9, 0.02), (0.12, 0.02), (0.12, 0.47), (0.88, 0.47), (0.88, 1), (0.1, 1)))],
    ],
    [
        [(CURVED, _SIX)],
        [
            (STRAIGHT, ((0.6, 0), (0.15, 0.6))),
            (CURVED, ((0.15, 0.6), (0.25, 0.97), (0.75, 0.97), (0.85, 0.65), (0.5, 0.5), (0.15, 0.68))),
        ],
    ],
    [
        [(STRAIGHT, ((0.05, 0.03), (0.95, 0.03), (0.4, 1)))],
        [(STRAIGHT, ((0.05, 0.03), (0.95, 0.03), (0.4, 1))), (STRAIGHT, ((0.3, 0.5), (0.85, 0.5)))],
        [(STRAIGHT, ((0.05, 0.2), (0.05, 0.03), (0.92, 0.03))), (CURVED, ((0.92, 0.03), (0.6, 0.45), (0.48, 1)))],
        [(STRAIGHT, ((0.05, 0.03), (0.8, 0.03), (0.8, 1)))],
    ],
    [
        [(CURVED, _EIGHT)],
    ],
    [
        [
            (CURVED, ((0.85, 0.3), (0.5, 0.52), (0.12, 0.28), (0.5, 0), (0.87, 0.25))),
            (STRAIGHT, ((0.87, 0.25), (0.75, 1))),
        ],
        [(CURVED, ((0.85, 0.3), (0.5, 0.52), (0.12, 0.28), (0.5, 0), (0.87, 0.25), (0.8, 0.75), (0.3, 0.98)))],
    ],
)  # fmt: skip


def drawn_digits(count: int, side: int, seed: int) -> tuple[Tensor, Tensor]:
    """Images, uint8 (N, 1, side, side), light on dark, and their labels (N,): each digit as often, in turn."""
    rng = np.random.default_rng(seed)
    images = np.stack([drawn_digit(number % len(STYLES), side, rng) for number in range(count)])
    return torch.from_numpy(images)[:, None], torch.arange(count) % len(STYLES)


def drawn_digit(label: int, side: int, rng: np.random.Generator) -> np.ndarray:
    """One digit in a style and a hand of its own, uint8 (side, side)."""
    strokes = STYLES[label][rng.integers(len(STYLES[label]))]
    height = side * rng.uniform(*SIZES)
    width = height * rng.uniform(*NARROW)
    turn, slant, pen = rng.uniform(-TURN, TURN), rng.uniform(-SLANT, SLANT), rng.uniform(*PEN)
    cos, sin = np.cos(turn), np.sin(turn)
    bend = np.array([[cos, -sin], [sin, cos]]) @ np.array([[width, -slant * height], [0.0, height]])
    lines = [
        _line(is_curved, np.array(points) + rng.normal(0, JITTER, (len(points), 2))) for is_curved, points in strokes
    ]
    lines = [(line - 0.5) @ bend.T for line in lines]
    together = np.concatenate(lines)
    low, high = pen - together.min(0), side - 1 - pen - together.max(0)
    middle = (low + high) / 2
    shift = middle + rng.uniform(-1, 1, 2) * np.abs(high - low) / 2 * (high > low)
    near = np.min([_distance(line + shift, side) for line in lines], axis=0)
    return np.rint(255 * np.clip(pen - near, 0, 1)).astype(np.uint8)


def _line(is_curved: bool, points: np.ndarray) -> np.ndarray:
    """The points of a stroke; of a curve more between them (Catmull & Rom 1974)."""
    if not is_curved:
        return points
    ends = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    t = np.linspace(0, 1, PER_POINT, endpoint=False)[:, None]
    pieces = []
    for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        pieces.append(b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))))
    return np.concatenate([*pieces, points[-1:]])


def _distance(line: np.ndarray, side: int) -> np.ndarray:
    """Of each cell of a square from a line through these points (right, down), in cells."""
    cells = np.stack(np.meshgrid(np.arange(side), np.arange(side)), 2)[:, :, None]  # (row, column, 1, 2)
    start, along = line[:-1], np.diff(line, axis=0)
    length = np.maximum((along**2).sum(1), 1e-9)
    share = np.clip(((cells - start) * along).sum(3) / length, 0, 1)[..., None]
    return np.sqrt(((cells - start - share * along) ** 2).sum(3)).min(2)
