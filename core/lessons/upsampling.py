"""A small picture enlarged by every method, and its checkerboard measured."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from core.layers.upsampling import UPSAMPLINGS


def enlarge(picture_HWC: np.ndarray, name: str, scale: int, knobs: Mapping[str, int | str]) -> np.ndarray:
    """A picture (H, W, C) in 0..1 enlarged to (scale * H, scale * W, C) float32; not clipped."""
    entry = UPSAMPLINGS[name]
    x = torch.tensor(picture_HWC, dtype=torch.float32).permute(2, 0, 1)[None]
    module = entry.build(x.shape[1], scale, **{key: knobs[key] for key in entry.knobs})
    with torch.no_grad():
        return module(x)[0].permute(1, 2, 0).numpy()


def response_to_ones(name: str, scale: int, knobs: Mapping[str, int | str]) -> tuple[float, float]:
    """The smallest and the largest output, away from the border, for an input of three channels that is 1 everywhere.

    Equal where the method adds no pattern of its own; their difference is the checkerboard.
    """
    inside = enlarge(np.ones((16, 16, 3)), name, scale, knobs)[4 * scale : -4 * scale, 4 * scale : -4 * scale]
    return float(inside.min()), float(inside.max())


def stays_uniform(response: tuple[float, float]) -> bool:
    """Whether a response to ones is ones again, rounding aside: no pattern of the method's own."""
    low, high = response
    return abs(low - 1) + abs(high - 1) < 1e-5
