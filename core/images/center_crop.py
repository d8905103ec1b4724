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
    left, top, right, bottom = _middle(name)
    middle = sample(name)[top:bottom, left:right]
    image = Image.fromarray(middle).convert("RGB" if colour else "L")
    result = to_square(np.asarray(image), side).astype(np.float32) / 255
    result.flags.writeable = False
    return result


SQUARE_CODE = """\
def square(picture, side):  # the central square in colour, uint8 (side, side, 3)
    half = min(picture.shape[:2]) // 2
    top, left = picture.shape[0] // 2 - half, picture.shape[1] // 2 - half
    middle = Image.fromarray(picture[top : top + 2 * half, left : left + 2 * half]).convert("RGB")
    return np.array(middle.resize((side, side), Image.Resampling.BILINEAR))"""


def square_program(name: str, side: int, colour: bool = False) -> tuple[tuple[str, ...], str]:
    """Imports, and lines that leave `square(name, side, colour)` in `picture` with no module of this project.

    >>> print(square_program("camera", 32)[1])
    image = Image.fromarray(data.camera()).convert("L").crop((0, 0, 512, 512))
    picture = np.asarray(image.resize((32, 32), Image.Resampling.BILINEAR), dtype=np.float32) / 255
    """
    one, mode = SAMPLES[name], "RGB" if colour else "L"
    lines = (
        f'image = Image.fromarray({one.code}).convert("{mode}").crop({_middle(name)})\n'
        f"picture = np.asarray(image.resize(({side}, {side}), Image.Resampling.BILINEAR), dtype=np.float32) / 255"
    )
    return ("import numpy as np", "from PIL import Image", one.needs), lines


def _middle(name: str) -> tuple[int, int, int, int]:
    """The central square of a sample, of an even side: left, top, right, bottom (ends exclusive)."""
    height, width = sample(name).shape[:2]
    half = min(height, width) // 2
    return width // 2 - half, height // 2 - half, width // 2 + half, height // 2 + half
