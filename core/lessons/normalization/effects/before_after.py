"""The channels of a layer before and after normalization, on a real batch.

Shape suffixes: B batch, C channels, H and W height and width.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor, nn

from core.knobs import knob
from core.layers.activations import ACTIVATIONS, value_and_slope
from core.layers.normalization import NORMALIZATIONS
from core.lessons.activations import SATURATION_SLOPE, build
from core.lessons.normalization.effects import network as nets
from core.lessons.normalization.effects.network import NORMS, PLAIN, BlockNet

BINS = 48
CHANNELS = nets.WIDTH
DEPTH = 3
TRAINED = 60  # steps
TRAINED_HELP = "Without any normalization; off: initial weights."
ALL = "All"


@dataclass(frozen=True)
class LayerSelection:
    """A layer of the network without normalization, a batch, and what follows the convolution."""

    norm: str = knob("Batch", choices=NORMS, label="Normalization")
    layer: int = knob(2, 1, DEPTH, label="After convolution no.")
    trained: bool = knob(True, label=f"Trained for {TRAINED} steps", help=TRAINED_HELP)
    batch: int = knob(32, 2, 128, label="Batch size")
    activation: str = knob("ReLU", choices=tuple(ACTIVATIONS), label="Activation after it")
    seed: int = nets.SEED


@dataclass(frozen=True)
class ChannelAffine:
    """Gamma and beta of one channel or of all; those of the others are 1 and 0."""

    channel: str = knob(ALL, choices=(ALL, *map(str, range(CHANNELS))), label="Gamma and beta of channel")
    gamma: float = knob(1.0, -3.0, 3.0, step=0.05, label="Gamma γ (weight)")
    beta: float = knob(0.0, -4.0, 4.0, step=0.05, label="Beta β (bias)")

    def of(self, index: int) -> tuple[float, float]:
        """One channel's gamma and beta."""
        return (self.gamma, self.beta) if self.channel in (ALL, str(index)) else (1.0, 0.0)


@dataclass(frozen=True)
class ChannelHistograms:
    """One row per channel, pairs are before and after: mean, std (C,); counts (C, BINS) over `edges`.

    saturated_share: of values at which the slope of the activation is below SATURATION_SLOPE in size, before and after;
    dead_share: at which it is 0.
    largest_change: largest difference between output and input, in std of the input.
    """

    edges: np.ndarray
    counts: tuple[np.ndarray, np.ndarray]
    mean: tuple[np.ndarray, np.ndarray]
    std: tuple[np.ndarray, np.ndarray]
    saturated_share: tuple[np.ndarray, np.ndarray]
    dead_share: tuple[np.ndarray, np.ndarray]
    largest_change: np.ndarray


@lru_cache(maxsize=16)
def convolved(layer: int, trained: bool, seed: int) -> Tensor:
    """The output of a convolution without normalization for the validation digits: (B, C, H, W), read-only."""
    network = nets.trained(BlockNet(order=PLAIN, depth=DEPTH), seed, TRAINED if trained else 0)
    x = nets.split()["validation"][0]
    with torch.no_grad():
        blocks = nets.conv_blocks(network)[:layer]
        for block in blocks[:-1]:
            x = block(x)
        return blocks[-1].conv(x)


def module(norm: str, x_BCHW: Tensor, affine: ChannelAffine) -> nn.Module:
    """The normalization for such a batch, in training mode, with this gamma and beta."""
    norm_layer = nets.normalization(norm, x_BCHW.shape[1], x_BCHW.shape[-1])
    parameters, entry = dict(norm_layer.named_parameters()), NORMALIZATIONS[norm]
    for channel in range(x_BCHW.shape[1]):
        gamma, beta = affine.of(channel)
        with torch.no_grad():
            parameters["weight"].select(0, channel).fill_(gamma)
            if entry.affine == "both":
                parameters["bias"].select(0, channel).fill_(beta)
    return norm_layer


@torch.no_grad()
def normalized(norm: str, x_BCHW: Tensor, affine: ChannelAffine) -> Tensor:
    """(B, C, H, W) in and out."""
    return module(norm, x_BCHW, affine)(x_BCHW)


def compare(norm: str, activation: str, x_BCHW: Tensor, affine: ChannelAffine) -> ChannelHistograms:
    """Every channel before and after."""
    y_BCHW = normalized(norm, x_BCHW, affine)
    before, after = (by_channel(one) for one in (x_BCHW, y_BCHW))
    low, high = (float(end) for end in np.quantile(np.concatenate([before, after]), (0.001, 0.999)))
    edges = np.linspace(low, high, BINS + 1)
    std = before.std(1)
    counts_before, counts_after = (np.stack([np.histogram(row, edges)[0] for row in one]) for one in (before, after))
    shares = [_flat_shares(activation, one) for one in (x_BCHW, y_BCHW)]
    return ChannelHistograms(
        edges,
        (counts_before, counts_after),
        (before.mean(1), after.mean(1)),
        (std, after.std(1)),
        (shares[0][0], shares[1][0]),
        (shares[0][1], shares[1][1]),
        np.abs(after - before).max(1) / np.where(std > 0, std, 1),
    )


def by_channel(x_BCHW: Tensor) -> np.ndarray:
    """All values of each channel, (C, B * H * W) float64."""
    return x_BCHW.movedim(1, 0).flatten(1).double().numpy()


def _flat_shares(activation: str, x_BCHW: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Of each channel, the shares of values whose slope is below SATURATION_SLOPE in size, and is 0."""
    _, slope = value_and_slope(build(activation), x_BCHW)
    flat, dead = ((slope.abs() < SATURATION_SLOPE), (slope == 0))
    return flat.double().mean((0, 2, 3)).numpy(), dead.double().mean((0, 2, 3)).numpy()
