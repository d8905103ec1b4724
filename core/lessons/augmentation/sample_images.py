"""Sample images to augment, each with its label and the code that creates it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from core.datasets import ImageDataset, load, synthetic
from core.images.center_crop import square

PHOTOGRAPH_SIDE, SKETCH_SIDE, GLYPH_SIDE = 128, 128, 32
DIGITS = 60  # of the handwritten ones


@dataclass(frozen=True, eq=False)
class SampleImage:
    """One image: uint8 (1, 3, S, S), its label, and Python code that creates it as `image`, uint8 (S, S, 3).

    `boxes` float32 (K, 4), x0 y0 x1 y1 in pixels, is what the label depends on, where that is known; `is_character`
    says whether the label is the letter or digit that it shows.
    """

    image: Tensor
    label: str
    code: str
    boxes: Tensor | None = None
    is_character: bool = False

    @property
    def key(self) -> str:
        """Identifies the image: two samples with the same key are equal."""
        return f"{self.code}\n{hashlib.sha256(self.image.numpy().tobytes()).hexdigest()}"


def photograph(name: str) -> SampleImage:
    """The central square of a sample photograph."""
    image = np.rint(square(name, PHOTOGRAPH_SIDE, colour=True) * 255).astype(np.uint8)
    code = (
        "from core.images.center_crop import square\n"
        f"image = np.rint(square({name!r}, {PHOTOGRAPH_SIDE}, colour=True) * 255).astype(np.uint8)"
    )
    return SampleImage(as_batch(image), name, code)


def sketch(number: int) -> SampleImage:
    """A drawn face, alternately cat and dog, of the built-in dataset; its boxes are the ears."""
    image, ears = synthetic.sketch(number % 2, SKETCH_SIDE, np.random.default_rng((0, number)))
    code = (
        "from core.datasets.synthetic import sketch\n"
        f"image, ears = sketch({number % 2}, {SKETCH_SIDE}, np.random.default_rng((0, {number})))"
    )
    return SampleImage(as_batch(image), synthetic.CLASSES[number % 2], code, torch.from_numpy(ears))


def digit(number: int) -> SampleImage:
    """A handwritten digit of the built-in dataset, one of `DIGITS`."""
    dataset = digits()
    code = (
        "from core.datasets import load\n"
        f'image = load("digits", {GLYPH_SIDE}, limit={DIGITS}).images[{number}].permute(1, 2, 0).numpy()'
    )
    return SampleImage(dataset.images[number][None], dataset.classes[dataset.labels[number]], code, is_character=True)


def letter(name: str) -> SampleImage:
    """A lowercase letter, white on black, centred."""
    code = f"from core.lessons.augmentation.sample_images import glyph\nimage = glyph({name!r})"
    return SampleImage(as_batch(glyph(name)), name, code, is_character=True)


def own(image: np.ndarray) -> SampleImage:
    """An uploaded square image, uint8 (S, S, 3)."""
    code = 'from PIL import Image\nimage = np.asarray(Image.open("picture.png"))'
    return SampleImage(as_batch(image), "your image", code)


@cache
def digits() -> ImageDataset:
    """Some handwritten digits. Shared, and not to be changed."""
    return load("digits", GLYPH_SIDE, limit=DIGITS)


def glyph(name: str) -> np.ndarray:
    """One printed character in Pillow's default typeface: uint8 (32, 32, 3)."""
    scale = 4
    side = GLYPH_SIDE * scale
    image = Image.new("L", (side, side))
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(0.75 * side)
    left, top, right, bottom = draw.textbbox((0, 0), name, font=font)
    draw.text(((side - left - right) / 2, (side - top - bottom) / 2), name, fill=255, font=font)
    return np.array(image.reduce(scale).convert("RGB"))


def as_batch(image: np.ndarray) -> Tensor:
    """uint8 (S, S, 3) -> (1, 3, S, S)."""
    return torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)[None]
