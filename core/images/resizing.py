"""Making pictures smaller, with smoothing, so that nothing aliases."""

from __future__ import annotations

import numpy as np
from PIL import Image

SMOOTH = Image.Resampling.BILINEAR  # Pillow widens its kernel when shrinking, so this averages; it never overshoots


def resize(picture: np.ndarray, side: int) -> np.ndarray:
    """The whole picture with its longer side `side` pixels long and its proportions kept.

    Shapes: uint8 (H, W) or (H, W, 3) -> the same with max(H, W) == side.

    >>> resize(np.zeros((300, 450, 3), np.uint8), 150).shape
    (100, 150, 3)
    """
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    new_size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.array(Image.fromarray(picture).resize(new_size, SMOOTH))


def to_square(picture: np.ndarray, side: int) -> np.ndarray:
    """The whole picture squashed to side x side, as the data sets do it: nothing is cropped, so no ear gets lost.

    Shapes: uint8 (H, W) or (H, W, 3) -> (side, side) or (side, side, 3).
    """
    return np.array(Image.fromarray(picture).resize((side, side), SMOOTH))
