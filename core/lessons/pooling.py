"""How much of a pooled map stays the same when the picture is shifted; pyramid and RoI pooling of one map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from core.layers.pooling import POOLINGS, RoIPool2d, StochasticPool2d

MARGIN = 8  # pixels kept around the view, so that a shift brings in picture and not a border
OUTLINE = torch.tensor([[-1.0, -1, -1], [-1, 8, -1], [-1, -1, -1]]) / 8

PoolingKnobs = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class ShiftComparison:
    """A picture, the same picture shifted, and both of them pooled. All (H, W) float32."""

    view: np.ndarray
    shifted: np.ndarray
    pooled: np.ndarray
    pooled_shifted: np.ndarray


def feature_map(picture_HW: np.ndarray) -> np.ndarray:
    """The output of a first layer: outline filter (8 in the centre, -1 around it, over 8), then ReLU; (H, W) both."""
    x = torch.tensor(picture_HW, dtype=torch.float32)[None, None]
    return F.relu(F.conv2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), OUTLINE[None, None]))[0, 0].numpy()


def views(picture_HW: np.ndarray, right: int, down: int) -> tuple[Tensor, Tensor]:
    """The middle of a picture, and the same window with the picture shifted `right` and `down` (at most MARGIN)."""
    x = torch.tensor(picture_HW, dtype=torch.float32)[None, None]
    height, width = (side - 2 * MARGIN for side in x.shape[-2:])

    def window(top: int, left: int) -> Tensor:
        return x[..., top : top + height, left : left + width]

    return window(MARGIN, MARGIN), window(MARGIN - down, MARGIN - right)


def pool(x_BCHW: Tensor, kind: str, knobs: PoolingKnobs, seed: int = 0) -> Tensor:
    """One kind of pooling in `eval()`; `seed` > 0 draws the values of stochastic pooling at random, as in training."""
    module = POOLINGS[kind].build(x_BCHW.shape[1], **dict(knobs)).eval()
    if isinstance(module, StochasticPool2d) and seed:
        module.train()
        module.generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        return module(x_BCHW)


def compare_shift(
    picture_HW: np.ndarray, kind: str, knobs: PoolingKnobs, right: int, down: int, seed: int = 0
) -> ShiftComparison:
    """A picture with MARGIN pixels to spare on each side, pooled before and after a shift."""
    view, shifted = views(picture_HW, right, down)
    before, after = (pool(x, kind, knobs, seed)[0, 0].numpy() for x in (view, shifted))
    return ShiftComparison(view[0, 0].numpy(), shifted[0, 0].numpy(), before, after)


def changed(before: np.ndarray, after: np.ndarray, tolerance: float) -> np.ndarray:
    """Which values change by more than `tolerance` times the range of `before`, bool of the same shape."""
    return np.abs(after - before) > tolerance * float(before.max() - before.min())


def unchanged_count(before: np.ndarray, after: np.ndarray, tolerance: float) -> tuple[int, int]:
    """How many values are not `changed`, and of how many."""
    return int((~changed(before, after, tolerance)).sum()), before.size


def knobs_by_kind(kind: str, knobs: PoolingKnobs, side: int) -> dict[str, PoolingKnobs]:
    """What each pooling that gives a map is set to beside the chosen one: the same window or output, where it has one.

    The chosen kind keeps its knobs. A window that must overlap is at least one cell larger than its stride. A map of
    `side` cells goes to as many bins a side as strides fit into it, unless the chosen kind says how many.

    >>> knobs_by_kind("Lp", (("norm_type", 8), ("kernel_size", 4), ("stride", 4)), 64)["Overlapping max"]
    (('kernel_size', 5), ('stride', 4))
    """
    chosen: dict[str, int] = {"kernel_size": 2, "stride": 2} | dict(knobs)
    chosen.setdefault("output_size", max(1, side // chosen["stride"]))
    settings = {}
    for name, entry in POOLINGS.items():
        if entry.gives != "map":
            continue
        values = {knob: chosen.get(knob, default) for knob, default in entry.defaults.items()}
        if name == "Overlapping max":
            values["kernel_size"] = max(values["kernel_size"], values["stride"] + 1)
        settings[name] = knobs if name == kind else tuple(values.items())
    return settings


def unchanged_by_kind(
    picture_HW: np.ndarray, kind: str, knobs: PoolingKnobs, right: int, down: int, tolerance: float, seed: int = 0
) -> dict[str, tuple[int, int]]:
    """`unchanged_count` without pooling and for every pooling that gives a map, as `knobs_by_kind` sets it.

    `seed` draws the values of stochastic pooling where it is the chosen `kind`; beside another it is in `eval()`.
    """
    view, shifted = (x[0, 0].numpy() for x in views(picture_HW, right, down))
    counts = {"No pooling": unchanged_count(view, shifted, tolerance)}
    for name, values in knobs_by_kind(kind, knobs, len(view)).items():
        result = compare_shift(picture_HW, name, values, right, down, seed if name == kind else 0)
        counts[name] = unchanged_count(result.pooled, result.pooled_shifted, tolerance)
    return counts


def pyramid(picture_HW: np.ndarray, levels: int) -> list[np.ndarray]:
    """The levels of a spatial pyramid: (1, 1), (2, 2), (4, 4), ... maxima of one map."""
    x = torch.tensor(picture_HW, dtype=torch.float32)[None, None]
    flat = pool(x, "Spatial pyramid", (("levels", levels),))[0]
    sides = [2**level for level in range(levels)]
    return [bins.view(side, side).numpy() for bins, side in zip(flat.split([s * s for s in sides]), sides, strict=True)]


def output_shape(kind: str, shape: tuple[int, int, int, int]) -> tuple[int, ...]:
    """The output shape for a batch (B, C, H, W), the knobs at their defaults; one region for RoI pooling."""
    entry, x = POOLINGS[kind], torch.zeros(shape)
    module = entry.build(shape[1], **entry.defaults).eval()
    return tuple((module(x, torch.tensor([[0.0, 0, 0, 9, 9]])) if entry.gives == "regions" else module(x)).shape)


@dataclass(frozen=True)
class PooledRegion:
    """The bins of a region (top, bottom, left, right; ends exclusive) and their maxima (s, s)."""

    bins: tuple[tuple[int, int, int, int], ...]
    maxima: np.ndarray


def pool_region(picture_HW: np.ndarray, box: tuple[int, int, int, int], output_size: int) -> PooledRegion:
    """RoI pooling of `box` (left, top, right, bottom, both ends inclusive) on a map (H, W)."""
    x = torch.tensor(picture_HW, dtype=torch.float32)[None, None]
    module, regions = RoIPool2d(output_size), torch.tensor([[0.0, *box]])
    return PooledRegion(tuple(module.bins(regions[0], *picture_HW.shape)), module(x, regions)[0, 0].numpy())
