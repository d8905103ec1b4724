"""The kernels of the lesson by name: small grids of weights with a name. To add a kernel, add one entry to KERNELS.

Everything here is plain numpy; a kernel is float64 (kh, kw), read as `nn.Conv2d` reads its weight (cross-correlation:
the kernel is not flipped).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from core.errors import PlaygroundError
from core.knobs import HasKnobs, Knob

NONE: Mapping[str, Knob] = MappingProxyType({})
SIDE_CAP = 15
SIDE = Knob(5, 2, SIDE_CAP, label="Size")
ODD_SIDE = Knob(9, 3, SIDE_CAP, step=2, label="Size")


@dataclass(frozen=True)
class Kernel(HasKnobs):
    """A named kernel: how it is built from its knobs, what it computes, and where it comes from."""

    build: Callable[..., np.ndarray]
    description: str
    source: str
    knobs: Mapping[str, Knob] = field(default_factory=lambda: NONE)


def tidy(weights: np.ndarray) -> np.ndarray:
    """Without the last bits that sines and divisions leave behind, and without -0.

    >>> tidy(np.array([[0.1 + 0.2, -1e-17]])).tolist()
    [[0.3, 0.0]]
    """
    return np.round(np.asarray(weights, dtype=np.float64), 12) + 0.0


def _fixed(*rows: tuple[float, ...], divide_by: float = 1) -> Callable[[], np.ndarray]:
    return lambda: tidy(np.array(rows) / divide_by)


def steered(right: np.ndarray, down: np.ndarray, angle: float) -> np.ndarray:
    """The derivative in the direction of `angle` degrees from those along x and y: these filters are steerable.

    Source: Freeman & Adelson 1991, The design and use of steerable filters.
    """
    radians = math.radians(angle)
    return tidy(math.cos(radians) * right + math.sin(radians) * down)


def gradient(side_weight: float, centre_weight: float) -> Callable[[float], np.ndarray]:
    """A family of 3x3 derivatives: smoothing with (side, centre, side), a difference perpendicular to it."""
    right = np.outer([side_weight, centre_weight, side_weight], [-1, 0, 1])
    return lambda angle: steered(right, right.T, angle)


def box(size: int) -> np.ndarray:
    """The mean of size x size pixels.

    >>> box(2).tolist()
    [[0.25, 0.25], [0.25, 0.25]]
    """
    return np.full((size, size), 1 / size**2)


def gaussian(size: int, sigma: float) -> np.ndarray:
    """A Gaussian of standard deviation `sigma` pixels, truncated to size x size and scaled to sum to 1."""
    position = np.arange(size) - (size - 1) / 2
    bell = np.exp(-(position**2) / (2 * sigma**2))
    return np.outer(bell, bell) / bell.sum() ** 2


def sharpen(amount: float) -> np.ndarray:
    """The pixel plus `amount` times its difference from its four neighbours."""
    return tidy(np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]]) - amount * laplacian("4"))


def laplacian(neighbours: str) -> np.ndarray:
    """The sum of the neighbours minus as many times the pixel: the second derivative."""
    if neighbours == "4":
        return np.array([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]])
    return np.array([[1.0, 1, 1], [1, -8, 1], [1, 1, 1]])


def laplacian_of_gaussian(size: int, sigma: float) -> np.ndarray:
    """The second derivative of a Gaussian, shifted to sum to 0 so that uniform areas give 0."""
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    square = (x**2 + y**2) / (2 * sigma**2)
    hat = (square - 1) * np.exp(-square) / (np.pi * sigma**4)
    return hat - hat.mean()


def motion_blur(size: int, angle: float) -> np.ndarray:
    """The mean along a line through a size x size grid at `angle` degrees (0: horizontal, 90: vertical)."""
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    radians = math.radians(angle)
    distance = np.abs(x * math.sin(radians) + y * math.cos(radians))
    near = np.clip(1 - distance, 0, None)
    return tidy(near / near.sum())


def line(vertical: bool) -> np.ndarray:
    """7x7 zeros with a central column (or row) of ones."""
    weights = np.zeros((7, 7))
    weights[(slice(None), 3) if vertical else (3, slice(None))] = 1
    return weights


def gabor(size: int, angle: float, frequency: float, sigma: float) -> np.ndarray:
    """A wave of `frequency` cycles per pixel under a Gaussian; uniform areas give 0, since its mean is subtracted.

    `angle` is the direction in which the wave runs; at 0 its stripes are vertical.
    """
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    radians = math.radians(angle)
    along = x * math.cos(radians) + y * math.sin(radians)
    wave = np.exp(-(x**2 + y**2) / (2 * sigma**2)) * np.cos(2 * np.pi * frequency * along)
    return tidy(wave - wave.mean())


ANGLE = Knob(0, 0, 345, step=15, label="Angle", help="Degrees: 0 detects vertical edges, 90 horizontal ones.")
DERIVATIVE = {"angle": ANGLE}
DIAGONAL = ((1, -1, -1), (-1, 1, -1), (-1, -1, 1))

TEXTBOOK = "textbook kernel"
ROHRER = "Rohrer 2016, How do convolutional neural networks work?"

KERNELS: dict[str, Kernel] = {
    "Outline": Kernel(
        _fixed((-1, -1, -1), (-1, 8, -1), (-1, -1, -1), divide_by=8),
        "How much does this pixel differ from the mean of its eight neighbours?",
        "Rosenfeld & Kak 1976, Digital picture processing",
    ),
    "Identity": Kernel(_fixed((0, 0, 0), (0, 1, 0), (0, 0, 0)), "Returns the image unchanged.", TEXTBOOK),
    "Box blur": Kernel(box, "What is the mean of the pixels around here?", TEXTBOOK, {"size": SIDE}),
    "Gaussian blur": Kernel(
        gaussian,
        "What is the mean of the pixels around here, if near ones count more?",
        "Marr & Hildreth 1980, Theory of edge detection",
        {
            "size": ODD_SIDE,
            "sigma": Knob(1.5, 0.3, 5.0, step=0.1, label="Sigma", help="Standard deviation, in pixels."),
        },
    ),
    "Sharpen": Kernel(
        sharpen,
        "The pixel, with its difference from its four neighbours amplified.",
        "Rosenfeld & Kak 1976, Digital picture processing",
        {"amount": Knob(1.0, 0.0, 4.0, step=0.1, label="Amount")},
    ),
    "Sobel": Kernel(gradient(1, 2), "Does it get brighter in this direction?", "Sobel & Feldman 1968", DERIVATIVE),
    "Prewitt": Kernel(
        gradient(1, 1),
        "Does it get brighter in this direction?",
        "Prewitt 1970, Object enhancement and extraction",
        DERIVATIVE,
    ),
    "Scharr": Kernel(
        gradient(3, 10),
        "Does it get brighter in this direction? The 3×3 gradient kernel closest to rotation-invariant.",
        "Scharr 2000, Optimal operators in digital image processing",
        DERIVATIVE,
    ),
    "Laplacian": Kernel(
        laplacian,
        "Is this pixel a dip or a peak among its neighbours?",
        "Rosenfeld & Kak 1976, Digital picture processing",
        {"neighbours": Knob("4", choices=("4", "8"), label="Neighbours")},
    ),
    "Laplacian of Gaussian": Kernel(
        laplacian_of_gaussian,
        "Is there a dark or bright blob of this size?",
        "Marr & Hildreth 1980, Theory of edge detection",
        {
            "size": ODD_SIDE,
            "sigma": Knob(1.4, 0.5, 4.0, step=0.1, label="Sigma", help="Standard deviation, in pixels."),
        },
    ),
    "Emboss": Kernel(
        _fixed((-2, -1, 0), (-1, 1, 1), (0, 1, 2)),
        "The image as a relief, lit from the upper left.",
        TEXTBOOK,
    ),
    "Motion blur": Kernel(
        motion_blur,
        "What is the mean along this line?",
        TEXTBOOK,
        {
            "size": ODD_SIDE,
            "angle": Knob(0, 0, 165, step=15, label="Angle", help="Degrees: 0 is horizontal, 90 vertical."),
        },
    ),
    "Vertical line": Kernel(lambda: line(True), "How bright is the column of seven pixels here?", TEXTBOOK),
    "Horizontal line": Kernel(lambda: line(False), "How bright is the row of seven pixels here?", TEXTBOOK),
    "Gabor": Kernel(
        gabor,
        "Are there stripes of this direction and width?",
        "Daugman 1985, Uncertainty relation for resolution in space, spatial frequency, and orientation",
        {
            "size": ODD_SIDE,
            "angle": Knob(
                0, 0, 165, step=15, label="Angle", help="Degrees: 0 detects vertical stripes, 90 horizontal ones."
            ),
            "frequency": Knob(
                0.2, 0.05, 0.5, step=0.01, label="Frequency", help="Cycles per pixel; 0.5 is the finest."
            ),
            "sigma": Knob(
                2.5, 0.5, 5.0, step=0.1, label="Sigma", help="Standard deviation of the Gaussian, in pixels."
            ),
        },
    ),
    "Horizontal difference": Kernel(
        _fixed((1, 0, -1)),
        "Is it brighter on the left than on the right?",
        "central difference, mirrored",
    ),
    "Diagonal": Kernel(
        _fixed(*DIAGONAL),
        "Is there a diagonal stroke from upper left to lower right, with darker pixels beside it?",
        ROHRER,
    ),
    "Diagonal mean": Kernel(
        _fixed(*DIAGONAL, divide_by=9),
        "How well does this window match a diagonal stroke from upper left to lower right?",
        ROHRER,
    ),
}


def build(name: str, **knobs: Any) -> np.ndarray:
    """A kernel of the registry with some of its knobs moved; float64 (kh, kw).

    Raises: PlaygroundError if there is no such kernel, or it has no such knob.

    >>> build("Box blur", size=3).sum().round(9)
    np.float64(1.0)
    """
    if name not in KERNELS:
        raise PlaygroundError(f"There is no kernel called {name!r}: choose one of {', '.join(KERNELS)}.")
    kernel = KERNELS[name]
    unknown = sorted(set(knobs) - set(kernel.knobs))
    if unknown:
        known = ", ".join(kernel.knobs) or "none"
        raise PlaygroundError(f"{name} has no knob called {unknown[0]!r}: its knobs are {known}.")
    return kernel.build(**kernel.defaults | knobs)
