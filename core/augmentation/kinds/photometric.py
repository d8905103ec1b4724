"""Photometric augmentations: brightness, contrast and colour, as in kornia and Pillow, by a random factor per image."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from core.augmentation.kinds import colours
from core.augmentation.rng import uniform
from core.augmentation.types import Augmentation, BatchShape, Draw, Stage, augmentation, signed
from core.knobs import Knob

_SYMBOLS = "$x, x'$ = image before and after, $f$ = random factor, $U$ = uniform distribution"


def _factors(strength: float, batch: BatchShape, generator: torch.Generator) -> dict[str, Tensor]:
    return {"factor": uniform(batch.images, generator, 1 - strength, 1 + strength)}


def _brightness(x_BCHW: Tensor, draw: Draw) -> Tensor:
    return colours.with_brightness(x_BCHW, draw["factor"])


def _contrast(x_BCHW: Tensor, draw: Draw) -> Tensor:
    return colours.with_contrast(x_BCHW, draw["factor"])


def _saturation(x_BCHW: Tensor, draw: Draw) -> Tensor:
    return colours.with_saturation(x_BCHW, draw["factor"])


def _hue_shifts(largest: float, batch: BatchShape, generator: torch.Generator) -> dict[str, Tensor]:
    return {"turns": uniform(batch.images, generator, -largest, largest)}


def _shift_hue(x_BCHW: Tensor, draw: Draw) -> Tensor:
    return colours.with_hue(x_BCHW, draw["turns"] * (2 * math.pi)) if x_BCHW.shape[1] == 3 else x_BCHW


def _some(share: float, batch: BatchShape, generator: torch.Generator) -> dict[str, Tensor]:
    return {"grey": uniform(batch.images, generator) < share}


def _to_grey(x_BCHW: Tensor, draw: Draw) -> Tensor:
    if x_BCHW.shape[1] != 3:
        return x_BCHW
    return torch.where(draw["grey"].view(-1, 1, 1, 1), colours.greyscale(x_BCHW), x_BCHW)


def _kornia_code(function: str) -> Callable[[Draw, float, BatchShape], list[str]]:
    return lambda draw, strength, batch: [f"x = kornia.enhance.{function}(x, {float(draw['factor']):.7g})"]


def _hue_code(draw: Draw, largest: float, batch: BatchShape) -> list[str]:
    return [f"x = kornia.enhance.adjust_hue(x, {2 * math.pi * float(draw['turns']):.7g})  # radians"]


def _grey_code(draw: Draw, share: float, batch: BatchShape) -> list[str]:
    return ["x = kornia.color.rgb_to_grayscale(x).expand_as(x)"] if draw["grey"] else []


@dataclass(frozen=True)
class Photometric:
    """Strengths of the augmentations that change brightness, contrast and colour."""

    brightness: float = augmentation(
        Knob(0.0, 0.0, 0.9, step=0.05, help="Largest relative change of all values."),
        Augmentation(
            Stage.PIXELS,
            "brightness",
            _factors,
            _brightness,
            lambda draw: f"brightness × {float(draw['factor']):.2f}",
            r"x' = f x, \quad f \sim U(1 - b, 1 + b)",
            f"{_SYMBOLS}, $b$ = strength",
            "Howard 2013, arXiv:1312.5402",
            "Day and night, and everything else that differs in brightness.",
            _kornia_code("adjust_brightness_accumulative"),
        ),
    )
    contrast: float = augmentation(
        Knob(0.0, 0.0, 0.9, step=0.05, help="Largest relative change of the distance from the mean grey value."),
        Augmentation(
            Stage.PIXELS,
            "contrast",
            _factors,
            _contrast,
            lambda draw: f"contrast × {float(draw['factor']):.2f}",
            r"x' = f x + (1 - f)\, \overline{\text{grey}(x)}, \quad f \sim U(1 - c, 1 + c)",
            rf"{_SYMBOLS}, $c$ = strength, $\overline{{\text{{grey}}(x)}}$ = mean brightness",
            "Howard 2013, arXiv:1312.5402",
            "Fog and clear weather; faint structures.",
            _kornia_code("adjust_contrast_with_mean_subtraction"),
        ),
    )
    saturation: float = augmentation(
        Knob(0.0, 0.0, 1.0, step=0.05, help="Largest relative change of the distance from grey."),
        Augmentation(
            Stage.PIXELS,
            "saturation",
            _factors,
            _saturation,
            lambda draw: f"saturation × {float(draw['factor']):.2f}",
            r"x' = f x + (1 - f)\, \text{grey}(x), \quad f \sim U(1 - s, 1 + s)",
            rf"{_SYMBOLS}, $s$ = strength, $\text{{grey}}(x)$ = brightness of each pixel",
            "Howard 2013, arXiv:1312.5402",
            "Classes that differ in colour only, such as ripe and unripe fruit.",
            _kornia_code("adjust_saturation_with_gray_subtraction"),
        ),
    )
    hue: float = augmentation(
        Knob(0.0, 0.0, 0.5, step=0.01, help="Largest rotation of the colour circle, in turns; 0.5 is the opposite."),
        Augmentation(
            Stage.PIXELS,
            "hue",
            _hue_shifts,
            _shift_hue,
            lambda draw: f"hue {signed(draw['turns'] * 360)}°",
            r"\text{hue}' = \text{hue} + 2\pi t, \quad t \sim U(-h, h)",
            "$t$ = random shift in turns, $h$ = strength, $U$ = uniform distribution",
            "Chen, Kornblith, Norouzi & Hinton 2020, arXiv:2002.05709",
            "Classes that differ in colour only: a red light becomes green.",
            _hue_code,
        ),
    )
    grey: float = augmentation(
        Knob(0.0, 0.0, 1.0, step=0.05, label="Greyscale", help="Share of the images that lose their colours."),
        Augmentation(
            Stage.PIXELS,
            "greyscale",
            _some,
            _to_grey,
            lambda draw: "greyscale" if draw["grey"] else "",
            r"x' = 0.299\,R + 0.587\,G + 0.114\,B \text{ with probability } p",
            "$R, G, B$ = channels of the image, $x'$ = all channels afterwards, $p$ = strength",
            "Chen, Kornblith, Norouzi & Hinton 2020, arXiv:2002.05709",
            "Classes that differ in colour only.",
            _grey_code,
        ),
    )
