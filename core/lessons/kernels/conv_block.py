"""The first block of a convolutional network with a known filter bank: convolution, ReLU, pooling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.knobs import knob
from core.lessons.kernels.filter_banks import BANKS
from core.lessons.kernels.filtering import ConvSettings, as_planes, feature_maps, pool, relu

NO_POOL = "None"


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
