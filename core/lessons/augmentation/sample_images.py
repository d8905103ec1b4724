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
from core.images import SAMPLES
from core.images.center_crop import SQUARE_CODE, square
from core.lessons.code_block import with_imports

PHOTOGRAPH_SIDE, SKETCH_SIDE, GLYPH_SIDE = 128, 128, 32
DIGITS = 60  # of the handwritten ones
READ = 'np.array(Image.open("{file}"))  # the file that is offered beside this code'
DIGIT_CODE = f"""\
def digit(number):  # a handwritten digit, uint8 ({GLYPH_SIDE}, {GLYPH_SIDE}, 3)
    grey = np.rint(load_digits().images[number] * (255 / 16)).astype(np.uint8)
    enlarged = Image.fromarray(grey).resize(({GLYPH_SIDE}, {GLYPH_SIDE}), Image.Resampling.BILINEAR)
    return np.array(enlarged.convert("RGB"))"""
GLYPH_CODE = f"""\
def glyph(character):  # in Pillow's default typeface, uint8 ({GLYPH_SIDE}, {GLYPH_SIDE}, 3)
    side = 4 * {GLYPH_SIDE}
    image = Image.new("L", (side, side))
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(0.75 * side)
    left, top, right, bottom = draw.textbbox((0, 0), character, font=font)
    draw.text(((side - left - right) / 2, (side - top - bottom) / 2), character, fill=255, font=font)
    return np.array(image.reduce(4).convert("RGB"))"""


@dataclass(frozen=True, eq=False)
class SampleImage:
    """One image: uint8 (1, 3, S, S), its label, and the Python expression that gives it outside of this project, uint8
    (S, S, 3), with the `definitions` that this needs; where that is a file, `{file}` stands for its name.

    `boxes` float32 (K, 4), x0 y0 x1 y1 in pixels, is what the label depends on, where that is known; `is_character`
    says whether the label is the letter or digit that it shows.
    """

    image: Tensor
    label: str
    expression: str
    definitions: str = ""
    boxes: Tensor | None = None
    is_character: bool = False

    @property
    def is_file(self) -> bool:
        """Whether the expression reads a file, which has to be offered beside the code."""
        return "{file}" in self.expression

    @property
    def code(self) -> str:
        """A program that leaves the image in `image`."""
        return with_imports([self.definitions, f"image = {self.named('image.png')}"])

    def named(self, file: str) -> str:
        """The expression, with this name of the file if it reads one."""
        return self.expression.replace("{file}", file)

    @property
    def pixels(self) -> np.ndarray:
        """What the expression gives, uint8 (S, S, 3)."""
        return self.image[0].permute(1, 2, 0).numpy()

    @property
    def key(self) -> str:
        """Identifies the image: two samples with the same key are equal."""
        return f"{self.expression}\n{hashlib.sha256(self.image.numpy().tobytes()).hexdigest()}"


def photograph(name: str) -> SampleImage:
    """The central square of a sample photograph."""
    image = np.rint(square(name, PHOTOGRAPH_SIDE, colour=True) * 255).astype(np.uint8)
    expression = f"square({SAMPLES[name].code}, {PHOTOGRAPH_SIDE})"
    return SampleImage(as_batch(image), name, expression, SQUARE_CODE)


def sketch(number: int) -> SampleImage:
    """A drawn face, alternately cat and dog, of the built-in dataset; its boxes are the ears."""
    image, ears = synthetic.sketch(number % 2, SKETCH_SIDE, np.random.default_rng((0, number)))
    return SampleImage(as_batch(image), synthetic.CLASSES[number % 2], READ, boxes=torch.from_numpy(ears))


def digit(number: int) -> SampleImage:
    """A handwritten digit of the built-in dataset, one of `DIGITS`."""
    dataset = digits()
    label, original = dataset.classes[dataset.labels[number]], dataset.paths[number].rpartition("/")[2]
    return SampleImage(dataset.images[number][None], label, f"digit({original})", DIGIT_CODE, is_character=True)


def letter(name: str) -> SampleImage:
    """A lowercase letter, white on black, centred."""
    return SampleImage(as_batch(glyph(name)), name, f'glyph("{name}")', GLYPH_CODE, is_character=True)


def own(image: np.ndarray) -> SampleImage:
    """An uploaded square image, uint8 (S, S, 3)."""
    return SampleImage(as_batch(image), "your image", READ)


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
