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


_SOURCES = {
    "chelsea": "skimage.data.chelsea()",
    "china": 'load_sample_image("china.jpg")',
    "flower": 'load_sample_image("flower.jpg")',
    "astronaut": "skimage.data.astronaut()",
    "camera": "skimage.data.camera()",
}
SQUARE_CODE = """\
def square(picture, side):  # the central square in colour, uint8 (side, side, 3)
    half = min(picture.shape[:2]) // 2
    top, left = picture.shape[0] // 2 - half, picture.shape[1] // 2 - half
    middle = Image.fromarray(picture[top : top + 2 * half, left : left + 2 * half]).convert("RGB")
    return np.array(middle.resize((side, side), Image.Resampling.BILINEAR))"""


def source_code(name: str) -> str:
    """The expression that gives one of `PHOTOGRAPHS` outside of this project, uint8 (H, W, 3) or (H, W).

    `SQUARE_CODE` crops it; it needs `numpy`, `skimage.data`, `PIL.Image` and `sklearn.datasets.load_sample_image`.
    """
    return _SOURCES[name]
