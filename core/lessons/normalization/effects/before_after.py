"""What a normalization makes of the channels of a real network's layer, on a real batch.

Shape suffixes: B batch, C channels, H and W height and width.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor, nn

from core.knobs import knob
from core.layers.activations import ACTIVATIONS, defaults, value_and_slope
from core.layers.normalization import NORMALIZATIONS
from core.lessons.activations import SATURATION_SLOPE
from core.lessons.normalization.effects import network as nets
from core.lessons.normalization.effects.network import NORMS, PLAIN, Net

BINS = 48
CHANNELS = nets.WIDTH
DEPTH = 3
TRAINED = 60  # steps
HOW = "Without any normalization; off: as it begins."
ALL = "all"


@dataclass(frozen=True)
class Look:
    """Which layer of the plain network is looked at, on which batch, and what is put behind its convolution."""

    norm: str = knob("Batch", choices=NORMS, label="normalization")
    layer: int = knob(2, 1, DEPTH, label="behind convolution")
    trained: bool = knob(True, label=f"trained for {TRAINED} steps", help=HOW)
    batch: int = knob(32, 2, 128, label="pictures in the batch")
    activation: str = knob("ReLU", choices=tuple(ACTIVATIONS), label="activation after it")
    seed: int = nets.SEED


@dataclass(frozen=True)
class Affine:
    """gamma and beta, of one channel or of all; the others keep 1 and 0."""

    channel: str = knob(ALL, choices=(ALL, *map(str, range(CHANNELS))), label="gamma and beta of channel")
    gamma: float = knob(1.0, -3.0, 3.0, step=0.05, label="gamma (weight)")
    beta: float = knob(0.0, -4.0, 4.0, step=0.05, label="beta (bias)")

    def of(self, place: int) -> tuple[float, float]:
        """One channel's gamma and beta."""
        return (self.gamma, self.beta) if self.channel in (ALL, str(place)) else (1.0, 0.0)


@dataclass(frozen=True)
class Channels:
    """One row a channel, first the figures before, then after (C,): mean, deviation; counts (C, BINS) over `edges`.

    off: share of outputs at which the slope of the activation behind is under SATURATION_SLOPE, before and after.
    gap: largest difference between what comes out and what went in, in deviations of what went in.
    """

    edges: np.ndarray
    counts: tuple[np.ndarray, np.ndarray]
    mean: tuple[np.ndarray, np.ndarray]
    deviation: tuple[np.ndarray, np.ndarray]
    off: tuple[np.ndarray, np.ndarray]
    gap: np.ndarray


@lru_cache(maxsize=16)
def convolved(layer: int, trained: bool, seed: int) -> Tensor:
    """What one convolution of the plain network gives on the held-out digits: (B, C, H, W), to be read only."""
    network = nets.trained(Net(order=PLAIN, depth=DEPTH), seed, TRAINED if trained else 0)
    x = nets.split()["held out"][0]
    with torch.no_grad():
        for place, block in enumerate(network[:layer], start=1):
            x = block.conv(x) if place == layer else block(x)
    return x


def module(norm: str, x_BCHW: Tensor, affine: Affine) -> nn.Module:
    """The normalization for such a batch, in training mode, with these gammas and betas."""
    found = nets.normalization(norm, x_BCHW.shape[1], x_BCHW.shape[-1])
    entry = NORMALIZATIONS[norm]
    for place in range(x_BCHW.shape[1]):
        gamma, beta = affine.of(place)
        with torch.no_grad():
            found.weight.select(0, place).fill_(gamma)
            if entry.affine == "both":
                found.bias.select(0, place).fill_(beta)
    return found


@torch.no_grad()
def normalized(norm: str, x_BCHW: Tensor, affine: Affine) -> Tensor:
    """(B, C, H, W) in and out."""
    return module(norm, x_BCHW, affine)(x_BCHW)


def compare(norm: str, activation: str, x_BCHW: Tensor, affine: Affine) -> Channels:
    """Every channel before and after."""
    y_BCHW = normalized(norm, x_BCHW, affine)
    before, after = (by_channel(one) for one in (x_BCHW, y_BCHW))
    low, high = (float(end) for end in np.quantile(np.concatenate([before, after]), (0.001, 0.999)))
    edges = np.linspace(low, high, BINS + 1)
    deviation = before.std(1)
    return Channels(
        edges,
        tuple(np.stack([np.histogram(row, edges)[0] for row in one]) for one in (before, after)),
        (before.mean(1), after.mean(1)),
        (deviation, after.std(1)),
        tuple(_off(activation, one) for one in (x_BCHW, y_BCHW)),
        np.abs(after - before).max(1) / np.where(deviation > 0, deviation, 1),
    )


def by_channel(x_BCHW: Tensor) -> np.ndarray:
    """All values of each channel, (C, B * H * W) float64."""
    return x_BCHW.movedim(1, 0).flatten(1).double().numpy()


def _off(activation: str, x_BCHW: Tensor) -> np.ndarray:
    _, slope = value_and_slope(ACTIVATIONS[activation].build(**defaults(activation)), x_BCHW)
    return (slope.abs() < SATURATION_SLOPE).double().mean((0, 2, 3)).numpy()
