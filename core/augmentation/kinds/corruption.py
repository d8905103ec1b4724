"""Corruptions: blur, noise, random erasing."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from core.augmentation.kinds import boxes
from core.augmentation.kinds.gaussian_blur import gaussian_blur
from core.augmentation.rng import uniform
from core.augmentation.types import Augmentation, BatchShape, Draw, Stage, augmentation
from core.knobs import Knob

REACH = 3  # standard deviations of a Gaussian that its kernel covers
SHARP = 0.05  # pixels: so narrow a Gaussian leaves every pixel as it is, to float32's last bit
ERASED_AREA = (0.02, 1 / 3)  # share of the image
ERASED_STRETCH = 10 / 3


def _sigmas(largest: float, batch: BatchShape, generator: torch.Generator) -> dict[str, Tensor]:
    return {"sigma": uniform(batch.images, generator, 0, largest)}


def _blur(x_BCHW: Tensor, draw: Draw) -> Tensor:
    sigma = draw["sigma"].clamp(min=SHARP)
    size = 2 * _radius(float(sigma.max()), *x_BCHW.shape[2:]) + 1
    return gaussian_blur(x_BCHW, size, sigma)


def _radius(sigma: float, height: int, width: int) -> int:
    """Of the kernel: the border is mirrored, which works up to the size of the image."""
    return min(math.ceil(REACH * sigma), height - 1, width - 1)


def _noise(std: float, batch: BatchShape, generator: torch.Generator) -> dict[str, Tensor]:
    seed = torch.full((batch.images,), generator.initial_seed())
    return {"noise": std * torch.randn(tuple(batch), generator=generator), "seed": seed}


def _add_noise(x_BCHW: Tensor, draw: Draw) -> Tensor:
    return (x_BCHW + draw["noise"]).clamp(0, 1)


def _patches(share: float, batch: BatchShape, generator: torch.Generator) -> dict[str, Tensor]:
    """Whole cells; an empty box for images that are not erased."""
    count = batch.images
    untouched = uniform(count, generator) >= share
    area, ratio, top, left = (uniform(count, generator) for _ in range(4))
    colour = torch.rand(count, batch.channels, generator=generator)
    lengths = boxes.sides(ERASED_AREA[0] + (ERASED_AREA[1] - ERASED_AREA[0]) * area, ERASED_STRETCH, ratio)
    axes = zip(lengths, (top, left), (batch.height, batch.width), strict=True)
    (top, bottom), (left, right) = (_whole(length, start, side) for length, start, side in axes)
    bottom = torch.where(untouched, top, bottom)
    return {"top": top, "bottom": bottom, "left": left, "right": right, "colour": colour}


def _whole(share: Tensor, position: Tensor, side: int) -> tuple[Tensor, Tensor]:
    length = (share * side).round().long().clamp(1, side)
    start = (position * (side - length + 1)).long()
    return start, start + length


def _erase(x_BCHW: Tensor, draw: Draw) -> Tensor:
    erased = boxes.inside(draw, *x_BCHW.shape[2:])
    return torch.where(erased, draw["colour"][:, :, None, None], x_BCHW)


def _describe_erased(draw: Draw) -> str:
    height, width = int(draw["bottom"] - draw["top"]), int(draw["right"] - draw["left"])
    return f"{height} × {width} px erased" if height else ""


def _blur_code(draw: Draw, largest: float, batch: BatchShape) -> list[str]:
    sigma = max(float(draw["sigma"]), SHARP)
    size = 2 * _radius(sigma, batch.height, batch.width) + 1
    return [f"x = kornia.filters.gaussian_blur2d(x, {size}, ({sigma:.7g}, {sigma:.7g}))"]


def _noise_code(draw: Draw, std: float, batch: BatchShape) -> list[str]:
    """The noise of the whole batch comes from one generator; the first image has the first of it."""
    return [
        f"noise = torch.randn({tuple(batch)}, generator=torch.Generator().manual_seed({int(draw['seed'])}))",
        f"x = (x + {std:g} * noise[:1]).clamp(0, 1)",
    ]


def _erase_code(draw: Draw, share: float, batch: BatchShape) -> list[str]:
    top, bottom, left, right = (int(draw[key]) for key in ("top", "bottom", "left", "right"))
    if bottom == top:
        return []
    colour = ", ".join(f"{value:.7g}" for value in draw["colour"].flatten().tolist())
    return [f"x[..., {top}:{bottom}, {left}:{right}] = torch.tensor([{colour}])[:, None, None]"]


@dataclass(frozen=True)
class Corruption:
    """Strengths of the augmentations that destroy information."""

    blur: float = augmentation(
        Knob(0.0, 0.0, 4.0, step=0.1, help="Largest standard deviation of the Gaussian, in pixels."),
        Augmentation(
            Stage.PIXELS,
            "blur",
            _sigmas,
            _blur,
            lambda draw: f"blur {float(draw['sigma']):.1f} px",
            r"x' = G_\sigma * x, \quad \sigma \sim U(0, \sigma_{\max})",
            r"$x, x'$ = image before and after, $G_\sigma$ = Gaussian kernel of standard deviation $\sigma$, $U$ = "
            "uniform distribution",
            "Chen, Kornblith, Norouzi & Hinton 2020, arXiv:2002.05709",
            "Classes that differ in texture, and small print.",
            _blur_code,
        ),
    )
    noise: float = augmentation(
        Knob(0.0, 0.0, 0.5, step=0.01, help="Standard deviation; 1 is the step from black to white."),
        Augmentation(
            Stage.PIXELS,
            "noise",
            _noise,
            _add_noise,
            lambda draw: f"noise {float(draw['noise'].std()):.2f}",
            r"x' = \text{clip}(x + \epsilon), \quad \epsilon \sim N(0, \sigma^2) \text{ for each pixel}",
            r"$x, x'$ = image before and after, $\epsilon$ = noise, $\sigma$ = its standard deviation",
            "Bishop 1995, Training with noise is equivalent to Tikhonov regularization",
            "Classes that differ by less than the noise.",
            _noise_code,
        ),
    )
    erase: float = augmentation(
        Knob(0.0, 0.0, 1.0, step=0.05, label="Random erasing", help="Share of the images that lose a rectangle."),
        Augmentation(
            Stage.PIXELS,
            "random erasing",
            _patches,
            _erase,
            _describe_erased,
            r"x' = c \text{ in a rectangle of area} \sim U(0.02, \tfrac13), "
            r"\text{ else } x, \text{ with probability } p",
            "$x, x'$ = image before and after, $c$ = random colour, $p$ = strength, $U$ = uniform distribution",
            "Zhong, Zheng, Kang, Li & Yang 2017, arXiv:1708.04896",
            "Small objects: the rectangle may cover what the label names.",
            _erase_code,
            covers=boxes.covers,
        ),
    )
