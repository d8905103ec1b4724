"""A signed map over its image, as one picture."""

from __future__ import annotations

import numpy as np
from PIL import Image

from playground.charts.theme import rgb

STRONGEST = 0.8  # the share of the colour where the map is at its bound


def blended(pixels: np.ndarray, over: np.ndarray, bound: float) -> np.ndarray:
    """uint8 (H, W, 3) with a map (h, w), enlarged, in the colours of data: the stronger, the less of the image shows.

    >>> blended(np.zeros((2, 2, 3), np.uint8), np.zeros((1, 1), np.float32), 1.0).max()
    np.uint8(0)
    """
    height, width = pixels.shape[:2]
    small = Image.fromarray(np.ascontiguousarray(over, dtype=np.float32))
    values = np.asarray(small.resize((width, height), Image.Resampling.BILINEAR))
    share = STRONGEST * np.clip(np.abs(values) / (bound or 1), 0, 1)[..., None]
    return np.rint((1 - share) * pixels + share * rgb(values, bound)).astype(np.uint8)
