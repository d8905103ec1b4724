"""What a camera or a passer-by does: blur, noise, a covered part."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from core.augmentation.kinds import boxes
from core.augmentation.rng import uniform
from core.augmentation.types import Augmentation, Batch, Draw, Stage

REACH = 3  # standard deviations of a Gaussian that its kernel holds
SHARP = 0.05  # pixels: a Gaussian this narrow leaves every pixel as it is, to float32's last bit
ERASED = (0.02, 1 / 3)  # share of the area
ERASED_STRETCH = 10 / 3


def _sigmas(most: float, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
    return {"sigma": uniform(batch.pictures, generator, 0, most)}


def _blur(x_BCHW: Tensor, draw: Draw) -> Tensor:
    from kornia.filters import gaussian_blur2d

    sigma = draw["sigma"].clamp(min=SHARP)
    size = 2 * _radius(float(sigma.max()), *x_BCHW.shape[2:]) + 1
    return gaussian_blur2d(x_BCHW, size, torch.stack((sigma, sigma), 1))


def _radius(sigma: float, height: int, width: int) -> int:
    """Of the kernel: the border is mirrored, and a mirror shows no more than the picture."""
    return min(math.ceil(REACH * sigma), height - 1, width - 1)


def _grain(deviation: float, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
    start = torch.full((batch.pictures,), generator.initial_seed())
    return {"grain": deviation * torch.randn(tuple(batch), generator=generator), "start": start}


def _add_noise(x_BCHW: Tensor, draw: Draw) -> Tensor:
    return (x_BCHW + draw["grain"]).clamp(0, 1)


def _patches(share: float, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
    """Whole cells; an empty box where chance spares the picture."""
    count = batch.pictures
    spared = uniform(count, generator) >= share
    area, chance, down, across = (uniform(count, generator) for _ in range(4))
    colour = torch.rand(count, batch.channels, generator=generator)
    shares = boxes.sides(ERASED[0] + (ERASED[1] - ERASED[0]) * area, ERASED_STRETCH, chance)
    places = zip(shares, (down, across), (batch.height, batch.width), strict=True)
    (top, bottom), (left, right) = (_whole(part, place, side) for part, place, side in places)
    bottom = torch.where(spared, top, bottom)
    return {"top": top, "bottom": bottom, "left": left, "right": right, "colour": colour}


def _whole(part: Tensor, place: Tensor, side: int) -> tuple[Tensor, Tensor]:
    length = (part * side).round().long().clamp(1, side)
    start = (place * (side - length + 1)).long()
    return start, start + length


def _erase(x_BCHW: Tensor, draw: Draw) -> Tensor:
    hidden = boxes.inside(draw, *x_BCHW.shape[2:])
    return torch.where(hidden, draw["colour"][:, :, None, None], x_BCHW)


def _says_erased(draw: Draw) -> str:
    height, width = int(draw["bottom"] - draw["top"]), int(draw["right"] - draw["left"])
    return f"{height} × {width} px erased" if height else ""


def _writes_blur(draw: Draw, most: float, batch: Batch) -> list[str]:
    sigma = max(float(draw["sigma"]), SHARP)
    size = 2 * _radius(sigma, batch.height, batch.width) + 1
    return [f"x = kornia.filters.gaussian_blur2d(x, {size}, ({sigma:.7g}, {sigma:.7g}))"]


def _writes_noise(draw: Draw, deviation: float, batch: Batch) -> list[str]:
    """The noise of the whole batch comes from one generator; the first picture has the first of it."""
    return [
        f"grain = torch.randn({tuple(batch)}, generator=torch.Generator().manual_seed({int(draw['start'])}))",
        f"x = (x + {deviation:g} * grain[:1]).clamp(0, 1)",
    ]


def _writes_erased(draw: Draw, share: float, batch: Batch) -> list[str]:
    top, bottom, left, right = (int(draw[key]) for key in ("top", "bottom", "left", "right"))
    if bottom == top:
        return []
    colour = ", ".join(f"{value:.7g}" for value in draw["colour"].flatten().tolist())
    return [f"x[..., {top}:{bottom}, {left}:{right}] = torch.tensor([{colour}])[:, None, None]"]


DAMAGE = {
    "blur": Augmentation(
        Stage.PIXELS,
        _sigmas,
        _blur,
        lambda draw: f"blur {float(draw['sigma']):.1f} px",
        r"x' = G_\sigma * x, \quad \sigma \sim U(0, \sigma_{\max})",
        "Chen, Kornblith, Norouzi & Hinton 2020, arXiv:2002.05709",
        "What its texture tells apart, and small print.",
        _writes_blur,
    ),
    "noise": Augmentation(
        Stage.PIXELS,
        _grain,
        _add_noise,
        lambda draw: f"noise {float(draw['grain'].std()):.2f}",
        r"x' = \text{clip}(x + \epsilon), \quad \epsilon \sim N(0, \sigma^2) \text{ at each pixel}",
        "Bishop 1995, Training with noise is equivalent to Tikhonov regularization",
        "What differs by less than the noise.",
        _writes_noise,
    ),
    "erase": Augmentation(
        Stage.PIXELS,
        _patches,
        _erase,
        _says_erased,
        r"\text{area} \sim U(0.02, \tfrac13) \text{ of the picture, in a colour of its own, with chance } p",
        "Zhong, Zheng, Kang, Li & Yang 2017, arXiv:1708.04896",
        "Small objects: the rectangle may cover what the label names.",
        _writes_erased,
    ),
}
