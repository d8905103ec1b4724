"""The central square of a sample picture, small enough to work on."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image

from core.images import SAMPLES, sample, to_square

PHOTOGRAPHS = {name: one.title for name, one in SAMPLES.items() if name not in ("edge", "letter_x")}


@lru_cache(maxsize=64)
def square(name: str, side: int, colour: bool = False) -> np.ndarray:
    """A sample's central square at side x side, brightness 0..1, float32: (side, side), or (side, side, 3) in colour.

    Grey is the luma of ITU-R BT.601, as Pillow's "L". The array is shared and read-only.
    """
    picture = sample(name)
    height, width = picture.shape[:2]
    half = min(height, width) // 2
    middle = picture[height // 2 - half : height // 2 + half, width // 2 - half : width // 2 + half]
    image = Image.fromarray(middle).convert("RGB" if colour else "L")
    result = to_square(np.asarray(image), side).astype(np.float32) / 255
    result.flags.writeable = False
    return result
