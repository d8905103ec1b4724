"""Pictures to be changed, each with its label and the line that makes it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from core.datasets import Pictures, load, synthetic
from core.images.squares import square

PHOTOGRAPH_SIDE, SKETCH_SIDE, GLYPH_SIDE = 128, 128, 32
DIGITS = 60  # of the handwritten ones


@dataclass(frozen=True, eq=False)
class Subject:
    """One picture: uint8 (1, 3, S, S), what it shows, and Python that gives it as `picture`, uint8 (S, S, 3).

    `boxes` float32 (K, 4), x0 y0 x1 y1 in pixels, is what the label rests on, where that is known; `is_sign` says
    whether the label is the letter or digit that it shows.
    """

    image: Tensor
    label: str
    code: str
    boxes: Tensor | None = None
    is_sign: bool = False

    @property
    def key(self) -> str:
        """Stands for the picture: two subjects with one key are the same."""
        return f"{self.code}\n{hashlib.sha256(self.image.numpy().tobytes()).hexdigest()}"


def photograph(name: str) -> Subject:
    """The middle of a sample photograph."""
    picture = np.rint(square(name, PHOTOGRAPH_SIDE, colour=True) * 255).astype(np.uint8)
    code = (
        "from core.images.squares import square\n"
        f"picture = np.rint(square({name!r}, {PHOTOGRAPH_SIDE}, colour=True) * 255).astype(np.uint8)"
    )
    return Subject(as_image(picture), name, code)


def sketch(number: int) -> Subject:
    """A drawn face, cat or dog in turn, as the built-in set has it at this place; its boxes are the ears."""
    picture, ears = synthetic.sketch(number % 2, SKETCH_SIDE, np.random.default_rng((0, number)))
    code = (
        "from core.datasets.synthetic import sketch\n"
        f"picture, ears = sketch({number % 2}, {SKETCH_SIDE}, np.random.default_rng((0, {number})))"
    )
    return Subject(as_image(picture), synthetic.CLASSES[number % 2], code, torch.from_numpy(ears))


def digit(number: int) -> Subject:
    """A handwritten digit of the built-in set, one of `DIGITS`."""
    found = digits()
    code = (
        "from core.datasets import load\n"
        f'picture = load("digits", {GLYPH_SIDE}, limit={DIGITS}).images[{number}].permute(1, 2, 0).numpy()'
    )
    return Subject(found.images[number][None], found.classes[found.labels[number]], code, is_sign=True)


def letter(name: str) -> Subject:
    """A small letter, white on black, its bounding box in the middle."""
    code = f"from core.lessons.augmentation.sample_images import glyph\npicture = glyph({name!r})"
    return Subject(as_image(glyph(name)), name, code, is_sign=True)


def own(picture: np.ndarray) -> Subject:
    """Anybody's square picture, uint8 (S, S, 3)."""
    code = 'from PIL import Image\npicture = np.asarray(Image.open("picture.png"))'
    return Subject(as_image(picture), "your picture", code)


@cache
def digits() -> Pictures:
    """Some handwritten digits. Shared, and not to be changed."""
    return load("digits", GLYPH_SIDE, limit=DIGITS)


def glyph(name: str) -> np.ndarray:
    """One printed sign in Pillow's own typeface: uint8 (32, 32, 3)."""
    scale = 4
    side = GLYPH_SIDE * scale
    image = Image.new("L", (side, side))
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(0.75 * side)
    left, top, right, bottom = draw.textbbox((0, 0), name, font=font)
    draw.text(((side - left - right) / 2, (side - top - bottom) / 2), name, fill=255, font=font)
    return np.array(image.reduce(scale).convert("RGB"))


def as_image(picture: np.ndarray) -> Tensor:
    """uint8 (S, S, 3) -> (1, 3, S, S)."""
    return torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None]
