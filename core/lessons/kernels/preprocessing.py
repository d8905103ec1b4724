"""Preprocessing of a picture: cropped, scaled down, converted to grey, with noise added, and still uint8.

It stays uint8 so that what the page shows, what it computes on and what it hands out as a file are the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from core.images import resize
from core.knobs import knob

CLEAN = "None"


@dataclass(frozen=True)
class Preprocessing:
    """What is done to a picture before a kernel is applied."""

    colour: bool = knob(True, label="Colour", help="Off: one channel, the brightness, as in a greyscale photograph.")
    side: int = knob(
        256, 32, 384, step=32, label="Longer side (pixels)", help="Larger images are scaled down to this size."
    )
    crop: int = knob(100, 10, 100, step=5, label="Crop (%)", help="How much of each side is kept.")
    across: int = knob(50, 0, 100, step=5, label="Crop position, horizontal", help="0: left edge, 100: right edge.")
    down: int = knob(50, 0, 100, step=5, label="Crop position, vertical", help="0: top, 100: bottom.")
    noise: str = knob(CLEAN, choices=(CLEAN, "Gaussian", "Salt and pepper"), label="Noise")
    amount: int = knob(
        10,
        0,
        50,
        step=1,
        label="Noise level (%)",
        help="Gaussian: standard deviation, in % of full white; salt and pepper: share of the pixels.",
    )

    def __call__(self, picture: np.ndarray) -> np.ndarray:
        """uint8 (H, W) or (H, W, 3) -> uint8, at most `side` pixels long, grey unless in `colour`."""
        clean = self.without_noise(picture)
        return clean if self.noise == CLEAN else NOISES[self.noise](clean, self.amount / 100)

    def without_noise(self, picture: np.ndarray) -> np.ndarray:
        """The same picture before noise is added."""
        picture = crop(picture, self.crop / 100, self.across / 100, self.down / 100)
        if max(picture.shape[:2]) > self.side:
            picture = resize(picture, self.side)
        return picture if self.colour else grey(picture)


def grey(picture: np.ndarray) -> np.ndarray:
    """Brightness, 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), rounded: uint8 (H, W)."""
    return picture if picture.ndim == 2 else np.array(Image.fromarray(picture).convert("L"))


def crop(picture: np.ndarray, share: float, across: float, down: float) -> np.ndarray:
    """A window of `share` of each side, from one end (0) to the other (1); never less than one pixel.

    >>> crop(np.arange(16).reshape(4, 4), 0.5, 1.0, 0.0).tolist()
    [[2, 3], [6, 7]]
    """
    sides = [max(1, round(side * share)) for side in picture.shape[:2]]
    top, left = (
        round((full - side) * at) for full, side, at in zip(picture.shape, sides, (down, across), strict=False)
    )
    return picture[top : top + sides[0], left : left + sides[1]]


def gaussian_noise(picture: np.ndarray, sigma: float, seed: int = 0) -> np.ndarray:
    """Gaussian noise of standard deviation `sigma` (1 is full white) added to every value, clipped to 0..255."""
    noisy = picture + np.random.default_rng(seed).normal(0, 255 * sigma, picture.shape)
    return np.rint(noisy.clip(0, 255)).astype(np.uint8)


def salt_and_pepper(picture: np.ndarray, share: float, seed: int = 0) -> np.ndarray:
    """About `share` of all pixels, chosen at random, set to white or black, half of them each."""
    draw = np.random.default_rng(seed).random(picture.shape[:2])
    noisy = picture.copy()
    noisy[draw < share / 2] = 0
    noisy[draw > 1 - share / 2] = 255
    return noisy


NOISES: dict[str, Callable[[np.ndarray, float], np.ndarray]] = {
    "Gaussian": gaussian_noise,
    "Salt and pepper": salt_and_pepper,
}
