"""The kernel zoo: small grids of weights with a name. To add a kernel, add one entry to KERNELS.

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
from core.knobs import Knob

NONE: Mapping[str, Knob] = MappingProxyType({})
SIDE_CAP = 15
SIDE = Knob(5, 2, SIDE_CAP, label="Size")
ODD_SIDE = Knob(9, 3, SIDE_CAP, step=2, label="Size")


@dataclass(frozen=True)
class Kernel:
    """A named kernel: how it is built from its knobs, the question it asks, and where it comes from."""

    build: Callable[..., np.ndarray]
    asks: str
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


def turned(right: np.ndarray, down: np.ndarray, angle: float) -> np.ndarray:
    """A derivative across `angle` degrees out of those along x and y: these filters are steerable.

    Source: Freeman & Adelson 1991, The design and use of steerable filters.
    """
    radians = math.radians(angle)
    return tidy(math.cos(radians) * right + math.sin(radians) * down)


def gradient(side_weight: float, middle_weight: float) -> Callable[[float], np.ndarray]:
    """A family of 3x3 derivatives: smoothing with (side, middle, side), difference across it."""
    right = np.outer([side_weight, middle_weight, side_weight], [-1, 0, 1])
    return lambda angle: turned(right, right.T, angle)


def box(size: int) -> np.ndarray:
    """The mean of size x size pixels.

    >>> box(2).tolist()
    [[0.25, 0.25], [0.25, 0.25]]
    """
    return np.full((size, size), 1 / size**2)


def gaussian(size: int, sigma: float) -> np.ndarray:
    """A bell of standard deviation `sigma` pixels, cut off at size x size and scaled to sum to 1."""
    place = np.arange(size) - (size - 1) / 2
    bell = np.exp(-(place**2) / (2 * sigma**2))
    return np.outer(bell, bell) / bell.sum() ** 2


def sharpen(amount: float) -> np.ndarray:
    """The pixel plus `amount` times its difference from its four neighbours."""
    return tidy(np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]]) - amount * laplacian("4"))


def laplacian(neighbours: str) -> np.ndarray:
    """The sum of the neighbours less as many times the pixel: the second derivative."""
    if neighbours == "4":
        return np.array([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]])
    return np.array([[1.0, 1, 1], [1, -8, 1], [1, 1, 1]])


def laplacian_of_gaussian(size: int, sigma: float) -> np.ndarray:
    """The second derivative of a bell, shifted to sum to 0 so that even areas answer 0."""
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    square = (x**2 + y**2) / (2 * sigma**2)
    hat = (square - 1) * np.exp(-square) / (np.pi * sigma**4)
    return hat - hat.mean()


def motion_blur(size: int, angle: float) -> np.ndarray:
    """The mean along a line across a size x size grid at `angle` degrees (0: level, 90: upright): a moving camera."""
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    radians = math.radians(angle)
    distance = np.abs(x * math.sin(radians) + y * math.cos(radians))
    near = np.clip(1 - distance, 0, None)
    return tidy(near / near.sum())


def line(upright: bool) -> np.ndarray:
    """7x7 zeros with a middle column (or row) of ones."""
    weights = np.zeros((7, 7))
    weights[(slice(None), 3) if upright else (3, slice(None))] = 1
    return weights


def gabor(size: int, angle: float, frequency: float, sigma: float) -> np.ndarray:
    """A wave of `frequency` cycles a pixel under a bell; even areas answer 0, since its mean is taken off.

    `angle` turns the direction in which the wave runs; at 0 its stripes stand upright.
    """
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    radians = math.radians(angle)
    along = x * math.cos(radians) + y * math.sin(radians)
    wave = np.exp(-(x**2 + y**2) / (2 * sigma**2)) * np.cos(2 * np.pi * frequency * along)
    return tidy(wave - wave.mean())


ANGLE = Knob(0, 0, 345, step=15, label="Angle", help="Degrees: 0 meets upright edges, 90 level ones.")
DERIVATIVE = {"angle": ANGLE}
DIAGONAL = ((1, -1, -1), (-1, 1, -1), (-1, -1, 1))

ROHRER = "Rohrer 2016, How do convolutional neural networks work?"

KERNELS: dict[str, Kernel] = {
    "Outline": Kernel(
        _fixed((-1, -1, -1), (-1, 8, -1), (-1, -1, -1), divide_by=8),
        "How much does this pixel differ from the mean of its eight neighbours?",
        "Rosenfeld & Kak 1976, Digital picture processing",
    ),
    "Identity": Kernel(_fixed((0, 0, 0), (0, 1, 0), (0, 0, 0)), "What is here? It gives the picture back.", "folklore"),
    "Box blur": Kernel(box, "What is the mean around here?", "folklore", {"size": SIDE}),
    "Gaussian blur": Kernel(
        gaussian,
        "What is the mean around here, near pixels counting more?",
        "Marr & Hildreth 1980, Theory of edge detection",
        {"size": ODD_SIDE, "sigma": Knob(1.5, 0.3, 5.0, step=0.1, label="Sigma", help="In pixels.")},
    ),
    "Sharpen": Kernel(
        sharpen,
        "What is here, with its difference from the neighbours exaggerated?",
        "Rosenfeld & Kak 1976, Digital picture processing",
        {"amount": Knob(1.0, 0.0, 4.0, step=0.1, label="Amount")},
    ),
    "Sobel": Kernel(gradient(1, 2), "Does it get lighter in this direction?", "Sobel & Feldman 1968", DERIVATIVE),
    "Prewitt": Kernel(
        gradient(1, 1),
        "Does it get lighter in this direction?",
        "Prewitt 1970, Object enhancement and extraction",
        DERIVATIVE,
    ),
    "Scharr": Kernel(
        gradient(3, 10),
        "Does it get lighter in this direction? The most even-handed 3x3 one.",
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
        "Is there a dark or light blob of this size?",
        "Marr & Hildreth 1980, Theory of edge detection",
        {"size": ODD_SIDE, "sigma": Knob(1.4, 0.5, 4.0, step=0.1, label="Sigma", help="In pixels.")},
    ),
    "Emboss": Kernel(
        _fixed((-2, -1, 0), (-1, 1, 1), (0, 1, 2)),
        "What is here, lit from the upper left?",
        "folklore",
    ),
    "Motion blur": Kernel(
        motion_blur,
        "What is the mean along this line?",
        "folklore",
        {"size": ODD_SIDE, "angle": Knob(0, 0, 165, step=15, label="Angle", help="Degrees: 0 is level, 90 upright.")},
    ),
    "Vertical line": Kernel(lambda: line(True), "How light is the column of seven pixels here?", "folklore"),
    "Horizontal line": Kernel(lambda: line(False), "How light is the row of seven pixels here?", "folklore"),
    "Gabor": Kernel(
        gabor,
        "Are there stripes of this direction and width?",
        "Daugman 1985, Uncertainty relation for resolution in space, spatial frequency, and orientation",
        {
            "size": ODD_SIDE,
            "angle": Knob(0, 0, 165, step=15, label="Angle", help="Degrees: 0 meets upright stripes, 90 level ones."),
            "frequency": Knob(0.2, 0.05, 0.5, step=0.01, label="Frequency", help="Waves a pixel; 0.5 is the finest."),
            "sigma": Knob(2.5, 0.5, 5.0, step=0.1, label="Sigma", help="Width of the bell, in pixels."),
        },
    ),
    "Light to dark": Kernel(
        _fixed((1, 0, -1)),
        "Is it lighter on the left than on the right?",
        "the central difference of calculus, mirrored",
    ),
    "Diagonal": Kernel(
        _fixed(*DIAGONAL),
        "Is there a stroke falling to the right, and dark beside it?",
        ROHRER,
    ),
    "Diagonal mean": Kernel(
        _fixed(*DIAGONAL, divide_by=9),
        "How well does this place match a stroke falling to the right?",
        ROHRER,
    ),
}


def build(name: str, **knobs: Any) -> np.ndarray:
    """A kernel of the zoo with some of its knobs moved; float64 (kh, kw).

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
    return kernel.build(**{key: knobs.get(key, knob.default) for key, knob in kernel.knobs.items()})
