"""Light and colour, as kornia and Pillow have them: each picture by a factor of its own."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from core.augmentation.rng import uniform
from core.augmentation.types import Augmentation, Batch, Draw, Stage, signed

# kornia takes a third of a second to import: only whoever changes a colour pays for it.


def _factors(strength: float, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
    return {"factor": uniform(batch.pictures, generator, 1 - strength, 1 + strength)}


def _brighten(x_BCHW: Tensor, draw: Draw) -> Tensor:
    from kornia.enhance import adjust_brightness_accumulative

    return adjust_brightness_accumulative(x_BCHW, draw["factor"])


def _contrast(x_BCHW: Tensor, draw: Draw) -> Tensor:
    from kornia.enhance import adjust_contrast_with_mean_subtraction

    return adjust_contrast_with_mean_subtraction(x_BCHW, draw["factor"])


def _saturate(x_BCHW: Tensor, draw: Draw) -> Tensor:
    from kornia.enhance import adjust_saturation_with_gray_subtraction

    return adjust_saturation_with_gray_subtraction(x_BCHW, draw["factor"])


def _turns(most: float, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
    return {"turns": uniform(batch.pictures, generator, -most, most)}


def _turn_hue(x_BCHW: Tensor, draw: Draw) -> Tensor:
    from kornia.enhance import adjust_hue

    return adjust_hue(x_BCHW, draw["turns"] * (2 * math.pi)) if x_BCHW.shape[1] == 3 else x_BCHW


def _some(share: float, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
    return {"grey": uniform(batch.pictures, generator) < share}


def _to_grey(x_BCHW: Tensor, draw: Draw) -> Tensor:
    from kornia.color import rgb_to_grayscale

    if x_BCHW.shape[1] != 3:
        return x_BCHW
    return torch.where(draw["grey"].view(-1, 1, 1, 1), rgb_to_grayscale(x_BCHW), x_BCHW)


def _writes(function: str) -> Callable[[Draw, float, Batch], list[str]]:
    return lambda draw, strength, batch: [f"x = kornia.enhance.{function}(x, {float(draw['factor']):.7g})"]


def _writes_hue(draw: Draw, most: float, batch: Batch) -> list[str]:
    return [f"x = kornia.enhance.adjust_hue(x, {2 * math.pi * float(draw['turns']):.7g})  # radians"]


def _writes_grey(draw: Draw, share: float, batch: Batch) -> list[str]:
    return ["x = kornia.color.rgb_to_grayscale(x).expand_as(x)"] if draw["grey"] else []


COLOURS = {
    "brightness": Augmentation(
        Stage.PIXELS,
        _factors,
        _brighten,
        lambda draw: f"light × {float(draw['factor']):.2f}",
        r"x' = f x, \quad f \sim U(1 - b, 1 + b)",
        "Howard 2013, arXiv:1312.5402",
        "Day and night, and everything else that differs in how bright it is.",
        _writes("adjust_brightness_accumulative"),
    ),
    "contrast": Augmentation(
        Stage.PIXELS,
        _factors,
        _contrast,
        lambda draw: f"contrast × {float(draw['factor']):.2f}",
        r"x' = f x + (1 - f)\, \overline{\text{grey}(x)}",
        "Howard 2013, arXiv:1312.5402",
        "Fog and clear weather; what is faint already.",
        _writes("adjust_contrast_with_mean_subtraction"),
    ),
    "saturation": Augmentation(
        Stage.PIXELS,
        _factors,
        _saturate,
        lambda draw: f"colour × {float(draw['factor']):.2f}",
        r"x' = f x + (1 - f)\, \text{grey}(x)",
        "Howard 2013, arXiv:1312.5402",
        "What only its colour tells apart, such as ripe and unripe fruit.",
        _writes("adjust_saturation_with_gray_subtraction"),
    ),
    "hue": Augmentation(
        Stage.PIXELS,
        _turns,
        _turn_hue,
        lambda draw: f"hue {signed(draw['turns'] * 360)}°",
        r"\text{hue}' = \text{hue} + 2\pi t, \quad t \sim U(-h, h)",
        "Chen, Kornblith, Norouzi & Hinton 2020, arXiv:2002.05709",
        "What only its colour tells apart: a red light turns green.",
        _writes_hue,
    ),
    "grey": Augmentation(
        Stage.PIXELS,
        _some,
        _to_grey,
        lambda draw: "grey" if draw["grey"] else "",
        r"x' = 0.299\,R + 0.587\,G + 0.114\,B \text{ with chance } p",
        "Chen, Kornblith, Norouzi & Hinton 2020, arXiv:2002.05709",
        "What only its colour tells apart.",
        _writes_grey,
    ),
}
