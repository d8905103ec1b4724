"""The presets of the lesson: a picture, a kernel and how it is applied, one click each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.lessons.kernels.filtering import HALF, NONE, SUMMED


@dataclass(frozen=True)
class KernelPreset:
    """What a click sets: a sample picture, a registered kernel with its knobs, padding, channels, and the view."""

    picture: str
    kernel: str
    shows: str
    knobs: dict[str, Any] = field(default_factory=dict)
    colour: bool = True
    padding: str = NONE
    channels: str = SUMMED


PRESETS: dict[str, KernelPreset] = {
    "Outline of a cat": KernelPreset(
        "chelsea",
        "Outline",
        "8 in the centre, −1 around it, divided by 8, summed over the three channels: uniform areas give 0, every hair "
        "and whisker a strong response.",
    ),
    "Step edge": KernelPreset(
        "edge",
        "Horizontal difference",
        "50×50 in, 50×48 out: the output is 0 everywhere except in columns 28 and 29, where it is 1.",
        colour=False,
    ),
    "Mean blur": KernelPreset(
        "camera",
        "Box blur",
        "The mean of 5×5 pixels removes noise, and fine lines too.",
        {"size": 5},
        colour=False,
        padding=HALF,
    ),
    "Vertical lines": KernelPreset(
        "china",
        "Vertical line",
        "A 7×7 kernel with one column of ones keeps vertical structures: posts stay sharp, the roof lines blur.",
        padding=HALF,
    ),
    "Horizontal lines": KernelPreset(
        "flower",
        "Horizontal line",
        "A 7×7 kernel with one row of ones keeps horizontal structures and smears vertical ones.",
        padding=HALF,
    ),
    "Letter X": KernelPreset(
        "letter_x",
        "Diagonal",
        "9×9 in, 7×7 out: largest where the stroke has the kernel's direction.",
        colour=False,
    ),
    "Letter X, mean": KernelPreset(
        "letter_x",
        "Diagonal mean",
        "The same divided by 9: now 1/3 means a perfect match, three white pixels on black.",
        colour=False,
    ),
}
