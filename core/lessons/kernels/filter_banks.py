"""The first block of a convolutional network with a known filter bank: convolution, ReLU, pooling.

To add a bank, what the first layer of a network may look like, add one entry to BANKS.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.knobs import knob
from core.lessons.kernels.filtering import ConvSettings, as_planes, feature_maps, pool, relu
from core.lessons.kernels.registry import build

NO_POOL = "None"
MIXED = ("Identity", "Gaussian blur", "Sharpen", "Outline", "Emboss", "Laplacian of Gaussian")


def _rotated(name: str, angles: range, **knobs: float) -> dict[str, np.ndarray]:
    return {f"{name} {angle}°": build(name, angle=angle, **knobs) for angle in angles}


BANKS: dict[str, dict[str, np.ndarray]] = {
    "Edges in 8 directions": _rotated("Sobel", range(0, 360, 45)),
    "Stripes in 8 directions": {
        f"Gabor {angle:g}°": build("Gabor", angle=angle, size=11, frequency=0.15, sigma=2.5)
        for angle in np.arange(8) * 22.5
    },
    "Coarse to fine stripes": {
        f"{frequency:g} per pixel, {angle}°": build("Gabor", angle=angle, size=13, frequency=frequency, sigma=3.0)
        for angle in (0, 90)
        for frequency in (0.08, 0.16, 0.24, 0.32)
    },
    "Mixed": {name: build(name) for name in MIXED}
    | {"Sobel 0°": build("Sobel"), "Sobel 90°": build("Sobel", angle=90)},
}


@dataclass(frozen=True)
class ConvBlockSettings:
    """The layers of the block."""

    bank: str = knob(next(iter(BANKS)), choices=tuple(BANKS), label="Filter bank")
    stride: int = knob(1, 1, 4, label="Stride")
    relu: bool = knob(True, label="ReLU", help="Negative values become 0.")
    pool: str = knob("Max", choices=("Max", "Average", NO_POOL), label="Pooling")
    size: int = knob(2, 2, 8, label="Pooling window")


def layer_outputs(picture: np.ndarray, block: ConvBlockSettings) -> list[tuple[str, np.ndarray]]:
    """The name of each layer and its feature maps, (8, H, W) each.

    Args: `picture` uint8 (H, W). Raises: ShapeError where a layer does not fit.
    """
    kernels = list(BANKS[block.bank].values())
    layers = [("nn.Conv2d", feature_maps(as_planes(picture), kernels, ConvSettings(block.stride)))]
    if block.relu:
        layers.append(("nn.ReLU", relu(layers[-1][1])))
    if block.pool != NO_POOL:
        name = "nn.MaxPool2d" if block.pool == "Max" else "nn.AvgPool2d"
        layers.append((name, pool(layers[-1][1], block.pool, block.size)))
    return layers
