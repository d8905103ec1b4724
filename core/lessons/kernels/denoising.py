"""Denoising: kernels vs. the median, which is not a convolution.

To add a filter, add one entry to FILTERS. Shapes: (C, H, W) float32 in 0..1 in and out; the border is reflected.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from core.errors import ShapeError
from core.knobs import knob
from core.lessons.kernels.filtering import HALF, ConvSettings, convolve
from core.lessons.kernels.registry import build

WINDOW = ConvSettings(padding=HALF, mode="reflect")
NO_FILTER = "None"
SALT = "Salt and pepper"
AMOUNT = "Salt and pepper: share of the pixels; Gaussian: standard deviation, in % of full white."


@dataclass(frozen=True)
class DenoisingFilter:
    """Computes one value from a window of size x size pixels; `linear` if it is a convolution."""

    run: Callable[[np.ndarray, int], np.ndarray]
    linear: bool
    code: str


def with_kernel(x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """The same kernel in every channel."""
    return convolve(x, np.repeat(kernel[None], len(x), axis=0), WINDOW)


def median(x: np.ndarray, size: int) -> np.ndarray:
    """The middle value of each size x size window; `size` is odd.

    Source: Tukey 1977, Exploratory data analysis.
    """
    reach = size // 2
    if reach >= min(x.shape[1:]):
        raise ShapeError(
            f"a {size}×{size} window needs an image of at least {reach + 1} pixels per side: choose a smaller window."
        )
    padded = F.pad(torch.from_numpy(x)[None], (reach,) * 4, mode="reflect")
    windows = padded.unfold(2, size, 1).unfold(3, size, 1)  # (1, C, H, W, size, size)
    return windows.flatten(-2).median(dim=-1).values[0].numpy()


WINDOWED = """\
padded = F.pad(x, ({reach},) * 4, mode="reflect")
"""
KERNEL = WINDOWED + "y = F.conv2d(padded, kernel.expand({depth}, 1, {size}, {size}), groups={depth})"

FILTERS: dict[str, DenoisingFilter] = {
    NO_FILTER: DenoisingFilter(lambda x, size: x, True, "y = x"),
    "Mean": DenoisingFilter(
        lambda x, size: with_kernel(x, build("Box blur", size=size)),
        True,
        "kernel = torch.full(({size}, {size}), 1 / {size}**2)\n" + KERNEL,
    ),
    "Gaussian": DenoisingFilter(
        lambda x, size: with_kernel(x, build("Gaussian blur", size=size, sigma=size / 4)),
        True,
        "bell = torch.exp(-((torch.arange({size}) - {reach}) ** 2) / (2 * ({size} / 4) ** 2))\n"
        "kernel = torch.outer(bell, bell) / bell.sum() ** 2\n" + KERNEL,
    ),
    "Median": DenoisingFilter(
        median,
        False,
        WINDOWED + "windows = padded.unfold(2, {size}, 1).unfold(3, {size}, 1)  # (1, {depth}, H, W, {size}, {size})\n"
        "y = windows.flatten(-2).median(dim=-1).values",
    ),
}


@dataclass(frozen=True)
class DenoisingSetup:
    """The noise on the picture, and the filter that is to remove it."""

    noise: str = knob(SALT, choices=(SALT, "Gaussian"), label="Noise")
    amount: int = knob(10, 0, 50, label="Noise level (%)", help=AMOUNT)
    filter: str = knob("Mean", choices=tuple(FILTERS), label="Filter")
    size: int = knob(3, 3, 9, step=2, label="Window size")


def psnr(clean: np.ndarray, noisy: np.ndarray) -> float:
    r"""Peak signal-to-noise ratio in decibels of two images in 0..1; infinite if they are identical.

    $$\text{PSNR} = 10 \log_{10} \frac{1}{\operatorname{mean}\left((x - \hat x)^2\right)}$$

    >>> round(psnr(np.zeros((1, 2, 2)), np.full((1, 2, 2), 0.1)), 9)
    20.0
    """
    error = np.mean((clean.astype(np.float64) - noisy) ** 2)
    return float(-10 * np.log10(error)) if error else float("inf")
