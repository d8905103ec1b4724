"""The lessons' own cases: a picture, a kernel and how it runs, one click each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.lessons.kernels.filtering import ADDED, HALF, NONE


@dataclass(frozen=True)
class Case:
    """What a click sets: a sample picture, a kernel of the zoo with its knobs, padding, channels, and what to see."""

    picture: str
    kernel: str
    shows: str
    knobs: dict[str, Any] = field(default_factory=dict)
    colour: bool = True
    padding: str = NONE
    channels: str = ADDED


CASES: dict[str, Case] = {
    "Outline of a cat": Case(
        "chelsea",
        "Outline",
        "8 in the middle, -1 around, divided by 8, through all three colours: even places answer 0, every hair and "
        "whisker answers strongly.",
    ),
    "Light meets dark": Case(
        "edge",
        "Light to dark",
        "50x50 in, 50x48 out: the answer is 0 everywhere but in columns 28 and 29, where it is 1.",
        colour=False,
    ),
    "Mean blur": Case(
        "camera",
        "Box blur",
        "The mean of 5x5 pixels: grain goes, and so do fine lines.",
        {"size": 5},
        colour=False,
        padding=HALF,
    ),
    "Upright lines": Case(
        "china",
        "Vertical line",
        "A 7x7 kernel with a column of ones keeps what runs upright: posts stay sharp, the lines of the roofs blur.",
        padding=HALF,
    ),
    "Level lines": Case(
        "flower",
        "Horizontal line",
        "A 7x7 kernel with a row of ones keeps what runs level and smears what stands upright.",
        padding=HALF,
    ),
    "Letter X": Case(
        "letter_x",
        "Diagonal",
        "9x9 in, 7x7 out: largest where the stroke has the kernel's slope.",
        colour=False,
    ),
    "Letter X, mean": Case(
        "letter_x",
        "Diagonal mean",
        "The same divided by 9: now 1/3 is a perfect match of three white pixels on black.",
        colour=False,
    ),
}
