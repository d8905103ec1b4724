"""Brightness, contrast, saturation and hue of images in 0..1, as kornia changes them, bit for bit.

Written out, since kornia's four hundred modules take 20 MB and a third of a second of each process for these few lines.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

LUMA = (0.299, 0.587, 0.114)  # of red, green and blue. Source: ITU-R BT.601
TURN = 2 * math.pi
LEAST = 1e-8  # keeps the saturation of black apart from 0 / 0


def of_images(value_B: Tensor, x_BCHW: Tensor) -> Tensor:
    """One value an image, as it is multiplied with the images: (B, 1, 1, 1)."""
    return value_B.to(x_BCHW).view(-1, 1, 1, 1)


def greyscale(x_BCHW: Tensor) -> Tensor:
    """Brightness of each pixel of RGB images, (B, 1, H, W)."""
    red, green, blue = x_BCHW.unbind(1)
    parts = torch.tensor(LUMA, device=x_BCHW.device, dtype=x_BCHW.dtype).unbind()
    return torch.addcmul(torch.addcmul(red * parts[0], green, parts[1]), blue, parts[2]).unsqueeze(1)


def with_brightness(x_BCHW: Tensor, factor_B: Tensor) -> Tensor:
    """All values times a factor."""
    return (x_BCHW * of_images(factor_B, x_BCHW)).clamp(0, 1)


def with_contrast(x_BCHW: Tensor, factor_B: Tensor) -> Tensor:
    """Distances from the image's mean brightness times a factor."""
    factor, grey = of_images(factor_B, x_BCHW), greyscale(x_BCHW) if x_BCHW.shape[1] == 3 else x_BCHW
    mean = grey.mean((-3, -2, -1), True)
    return (x_BCHW * factor + mean * (1 - factor)).clamp(0, 1)


def with_saturation(x_BCHW: Tensor, factor_B: Tensor) -> Tensor:
    """Distances of colours from their brightness times a factor; grey images stay as they are."""
    if x_BCHW.shape[1] == 1:
        return x_BCHW
    factor = of_images(factor_B, x_BCHW)
    return ((1 - factor) * greyscale(x_BCHW) + factor * x_BCHW).clamp(0, 1)


def with_hue(x_BCHW: Tensor, radians_B: Tensor) -> Tensor:
    """RGB images whose colours are rotated on the colour circle."""
    hue, saturation, value = _hsv(x_BCHW)
    hue = _within_a_turn(torch.remainder(hue + radians_B.to(x_BCHW).view(-1, 1, 1), TURN))
    return _rgb(hue, saturation, value)


def _hsv(x_BCHW: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Hue in radians, saturation and value, (B, H, W) each. Source: Smith 1978, Color gamut transform pairs."""
    largest = x_BCHW.amax(1)
    chroma = largest - x_BCHW.amin(1)
    saturation = chroma / torch.where(largest == 0, 1.0, largest + LEAST)
    span = torch.where(chroma == 0, 1.0, chroma)
    red, green, blue = x_BCHW.unbind(1)
    from_red, from_green, from_blue = (largest.unsqueeze(1) - x_BCHW).unbind(1)
    of_green = torch.where(green >= blue, (from_red - from_blue) + 2 * span, (from_green - from_red) + 4 * span)
    sixths = torch.where((red >= green) & (red >= blue), from_blue - from_green, of_green) / span
    return _within_a_turn(TURN * ((sixths / 6) % 1)), saturation, largest


def _within_a_turn(radians: Tensor) -> Tensor:
    """A small negative angle becomes the whole turn in float32, which is 0."""
    return radians.masked_fill(radians >= TURN, 0)


def _rgb(hue: Tensor, saturation: Tensor, value: Tensor) -> Tensor:
    sixths = hue / TURN * 6
    sextant = torch.floor(sixths) % 6
    rest = sixths % 6 - sextant
    low, falling = value * (1 - saturation), value * (1 - rest * saturation)
    rising = value * (1 - (1 - rest) * saturation)
    channels = (
        (value, falling, low, low, rising, value),
        (rising, value, value, falling, low, low),
        (low, low, rising, value, value, falling),
    )
    return torch.stack([_by_sextant(sextant.clamp(0, 5), one) for one in channels], 1)


def _by_sextant(sextant: Tensor, values: tuple[Tensor, ...]) -> Tensor:
    chosen = values[-1]
    for number, one in enumerate(values[:-1]):
        chosen = torch.where(sextant == number, one, chosen)
    return chosen
