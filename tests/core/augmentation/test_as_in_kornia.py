"""What kornia does with pixels, bit for bit; kornia itself is no part of the app."""

import math

import kornia
import pytest
import torch

from core.augmentation.kinds import colours, gaussian_blur

COUNT = 6
PAIRS = {
    "brightness": (colours.with_brightness, kornia.enhance.adjust_brightness_accumulative, 0, 2),
    "contrast": (colours.with_contrast, kornia.enhance.adjust_contrast_with_mean_subtraction, 0, 2),
    "saturation": (colours.with_saturation, kornia.enhance.adjust_saturation_with_gray_subtraction, 0, 2),
    "hue": (colours.with_hue, kornia.enhance.adjust_hue, -math.pi, math.pi),
}


def images(kind: str, channels: int, *sides: int) -> torch.Tensor:
    """(B, C, H, W) in 0..1."""
    x_BCHW = torch.rand(COUNT, channels, *sides, generator=torch.Generator().manual_seed(len(kind) + channels))
    if kind == "few colours":  # ties between channels, black, white and grey
        return (x_BCHW * 3).round() / 3
    if kind == "grey":
        return x_BCHW[:, :1].expand(-1, channels, -1, -1).contiguous()
    return x_BCHW


@pytest.mark.parametrize("kind", ["any", "few colours", "grey"])
@pytest.mark.parametrize(("name", "channels"), [(name, 3) for name in PAIRS] + [(name, 1) for name in list(PAIRS)[:3]])
def test_changes_of_colour_are_kornias(name, channels, kind):
    ours, theirs, least, largest = PAIRS[name]
    x_BCHW = images(kind, channels, 40, 30)
    factor = torch.linspace(least, largest, COUNT)
    assert torch.equal(ours(x_BCHW, factor), theirs(x_BCHW, factor))


@pytest.mark.parametrize("kind", ["any", "few colours", "grey"])
def test_greyscale_is_kornias(kind):
    x_BCHW = images(kind, 3, 40, 30)
    assert torch.equal(colours.greyscale(x_BCHW), kornia.color.rgb_to_grayscale(x_BCHW))


@pytest.mark.parametrize(("channels", "sides"), [(3, (40, 30)), (1, (16, 16)), (3, (15, 200)), (3, (256, 260))])
@pytest.mark.parametrize("size", [1, 3, 7, 15])
def test_blur_is_kornias(channels, sides, size):
    x_BCHW, sigma = images("any", channels, *sides), torch.linspace(0.05, 4, COUNT)
    theirs = kornia.filters.gaussian_blur2d(x_BCHW, size, torch.stack((sigma, sigma), 1))
    assert torch.equal(gaussian_blur.gaussian_blur(x_BCHW, size, sigma), theirs)
