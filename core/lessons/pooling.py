"""What pooling keeps when a picture moves by a cell, and what it makes of any size and of a region."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from core.layers.pooling import POOLINGS, RoIPool2d

MARGIN = 8  # cells of picture kept around the view, so that moving it brings in picture and not a border
OUTLINE = torch.tensor([[-1.0, -1, -1], [-1, 8, -1], [-1, -1, -1]]) / 8

Knobs = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Move:
    """A picture, the same picture moved, and what one pooling makes of both. All (H, W) float32."""

    view: np.ndarray
    moved: np.ndarray
    pooled: np.ndarray
    pooled_moved: np.ndarray


def feature_map(picture_hw: np.ndarray) -> np.ndarray:
    """What a first layer sees: the outline kernel (8 amid -1, over 8), then ReLU; (H, W) in and out, edges kept."""
    x = torch.tensor(picture_hw, dtype=torch.float32)[None, None]
    return F.relu(F.conv2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), OUTLINE[None, None]))[0, 0].numpy()


def views(picture_hw: np.ndarray, right: int, down: int) -> tuple[Tensor, Tensor]:
    """The middle of a picture, and the same window with the picture moved `right` and `down` (at most MARGIN) cells."""
    x = torch.tensor(picture_hw, dtype=torch.float32)[None, None]
    height, width = (side - 2 * MARGIN for side in x.shape[-2:])

    def window(top: int, left: int) -> Tensor:
        return x[..., top : top + height, left : left + width]

    return window(MARGIN, MARGIN), window(MARGIN - down, MARGIN - right)


def pooled(x_BCHW: Tensor, kind: str, knobs: Knobs, draw: int = 0) -> Tensor:
    """One kind of pooling in evaluation; `draw` > 0 is a random draw of stochastic pooling with that seed."""
    module = POOLINGS[kind].build(x_BCHW.shape[1], **dict(knobs)).eval()
    if kind == "Stochastic" and draw:
        module.train().generator = torch.Generator().manual_seed(draw)
    with torch.no_grad():
        return module(x_BCHW)


def move(picture_hw: np.ndarray, kind: str, knobs: Knobs, right: int, down: int, draw: int = 0) -> Move:
    """A picture with MARGIN cells to spare on each side, pooled where it is and where it has moved to."""
    view, moved = views(picture_hw, right, down)
    before, after = (pooled(x, kind, knobs, draw)[0, 0].numpy() for x in (view, moved))
    return Move(view[0, 0].numpy(), moved[0, 0].numpy(), before, after)


def kept(before: np.ndarray, after: np.ndarray, tolerance: float) -> tuple[int, int]:
    """How many values change by at most `tolerance` of the range of `before`, and of how many."""
    span = float(before.max() - before.min())
    return int((np.abs(after - before) <= tolerance * span).sum()), before.size


def survey(
    picture_hw: np.ndarray, kernel: int, stride: int, right: int, down: int, tolerance: float
) -> dict[str, tuple[int, int]]:
    """`kept` for the bare map and for every pooling that gives a map, with one window wherever they have a window."""
    view, moved = (x[0, 0].numpy() for x in views(picture_hw, right, down))
    found = {"No pooling": kept(view, moved, tolerance)}
    for kind, entry in POOLINGS.items():
        if entry.gives != "map":
            continue
        wanted = {"kernel_size": kernel, "stride": stride, "output_size": max(1, len(view) // stride)}
        if kind == "Overlapping max":
            wanted["kernel_size"] = stride + 1
        knobs = tuple((name, wanted.get(name, knob.default)) for name, knob in entry.knobs.items())
        both = move(picture_hw, kind, knobs, right, down)
        found[kind] = kept(both.pooled, both.pooled_moved, tolerance)
    return found


def pyramid(picture_hw: np.ndarray, levels: int) -> list[np.ndarray]:
    """The parts of a spatial pyramid, level by level: (1, 1), (2, 2), (4, 4), ... maxima of one map."""
    x = torch.tensor(picture_hw, dtype=torch.float32)[None, None]
    flat = pooled(x, "Spatial pyramid", (("levels", levels),))[0]
    sides = [2**level for level in range(levels)]
    return [part.view(side, side).numpy() for part, side in zip(flat.split([s * s for s in sides]), sides, strict=True)]


def output_shape(kind: str, shape: tuple[int, int, int, int]) -> tuple[int, ...]:
    """What a kind makes of a batch (B, C, H, W) with its knobs at their defaults; one region for RoI pooling."""
    entry, x = POOLINGS[kind], torch.zeros(shape)
    module = entry.build(shape[1], **{name: knob.default for name, knob in entry.knobs.items()}).eval()
    return tuple((module(x, torch.tensor([[0.0, 0, 0, 9, 9]])) if entry.gives == "regions" else module(x)).shape)


@dataclass(frozen=True)
class Region:
    """A region of a map, its parts (top, bottom, left, right; ends exclusive) and their maxima (s, s)."""

    cells: tuple[tuple[int, int, int, int], ...]
    maxima: np.ndarray


def region(picture_hw: np.ndarray, box: tuple[int, int, int, int], output_size: int) -> Region:
    """RoI pooling of `box` (left, top, right, bottom, both ends inside) on a map (H, W)."""
    x = torch.tensor(picture_hw, dtype=torch.float32)[None, None]
    pool, regions = RoIPool2d(output_size), torch.tensor([[0.0, *box]])
    return Region(tuple(pool.cells(regions[0], *picture_hw.shape)), pool(x, regions)[0, 0].numpy())
