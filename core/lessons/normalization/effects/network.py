"""A small network on handwritten digits with the normalization at any position of a block.

Shape suffixes: B batch, C channels, H and W height and width.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import torch
from torch import Tensor, nn

from core.knobs import knob
from core.layers.activations import ACTIVATIONS
from core.layers.initialization import initialize
from core.layers.normalization import NORMALIZATIONS
from core.lessons import activations, experiments
from core.lessons.experiments import in_eval_mode, sgd_step

CLASSES, SIDE, WIDTH = 10, 8, 8
BATCH, RATE = 32, 0.1
VALIDATION_SIZE = 360  # digits that are not trained on
EPS = 1e-5
NORMS = tuple(name for name, entry in NORMALIZATIONS.items() if not entry.on_weights)
SEED = knob(0, 0, 20, label="Seed", help="Of the weights and of the order of the batches.")


@dataclass(frozen=True)
class LayerOrder:
    """The order of the layers in a block."""

    parts: tuple[str, ...]
    description: str

    @property
    def folds(self) -> bool:
        """Whether the normalization directly follows the convolution, so that it can be merged into it."""
        return ("conv", "norm") in zip(self.parts, self.parts[1:], strict=False)


def _order(parts: str, description: str) -> tuple[str, LayerOrder]:
    return parts.replace(" ", ", "), LayerOrder(tuple(parts.split()), description)


ORDERS: dict[str, LayerOrder] = dict(
    [
        _order("conv norm activation pool", "as in Ioffe & Szegedy 2015"),
        _order("conv activation norm pool", "compared with the first by Mishkin et al. 2016, arXiv:1606.02228"),
        _order("conv activation pool norm", "the input of the next convolution is normalized"),
        _order("conv norm pool activation", "with max pooling and an increasing activation the same as the first"),
        _order("conv pool norm activation", "statistics of the pooled values only"),
        _order("norm activation conv pool", "before the convolution, as in He et al. 2016, arXiv:1603.05027"),
        _order("conv activation pool", "no normalization"),
    ]
)
PLAIN = "conv, activation, pool"
CLASSIC = next(iter(ORDERS))


@dataclass(frozen=True)
class BlockNet:
    """`depth` equal blocks of 8 channels on 8 x 8 digits; two of them pool, 8 x 8 -> 4 x 4 -> 2 x 2.

    `early`: they are the first two, so that all others have at most 2 x 2 cells.
    """

    order: str = knob(CLASSIC, choices=tuple(ORDERS), label="Order")
    activation: str = knob("ReLU", choices=tuple(ACTIVATIONS), label="Activation")
    norm: str = knob("Batch", choices=NORMS, label="Normalization")
    depth: int = knob(6, 2, 10, label="Depth", help="Number of blocks.")
    early: bool = False

    def pools(self, index: int) -> bool:
        """Whether a block halves the image."""
        return index in ((0, 1) if self.early else (self.depth // 3, 2 * self.depth // 3))


class ConvBlock(nn.Sequential):
    """The layers of a block by name: what type checkers know of the `nn.Sequential` that `block` gives."""

    conv: nn.Conv2d
    norm: nn.Module
    activation: nn.Module


def normalization(name: str, channels: int, side: int) -> nn.Module:
    """An entry of the registry for (B, channels, side, side), with two groups if it has groups."""
    entry, knobs = NORMALIZATIONS[name], norm_knobs(channels)
    return entry.build(channels, side, side, EPS, **{key: knobs[key] for key in entry.knobs})


def norm_knobs(channels: int) -> dict[str, float]:
    """The settings of the normalizations that have some: two groups, and as much of the batch as of the image."""
    return {"groups": math.gcd(2, channels), "rho": 0.5}


def block(net: BlockNet, index: int, channels: int, side: int) -> nn.Sequential:
    """(B, channels, side, side) -> (B, WIDTH, side, side), halved where the block pools."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for part in ORDERS[net.order].parts:
        if part == "conv":
            layers[part] = nn.utils.skip_init(nn.Conv2d, channels, WIDTH, 3, padding=1)
            channels = WIDTH
        elif part == "norm":
            layers[part] = normalization(net.norm, channels, side)
        elif part == "activation":
            layers[part] = activations.build(net.activation)
        elif net.pools(index):
            layers[part] = nn.MaxPool2d(2)
            side //= 2
    return nn.Sequential(layers)


def build_network(net: BlockNet, seed: int) -> nn.Sequential:
    """(B, 1, 8, 8) -> (B, 10). Kaiming initialization, or Xavier if the activation saturates on both sides,
    from a generator of its own; biases 0."""
    blocks, channels, side = [], 1, SIDE
    for index in range(net.depth):
        blocks.append(block(net, index, channels, side))
        channels, side = WIDTH, side // 2 if net.pools(index) else side
    head = nn.utils.skip_init(nn.Linear, channels * side**2, CLASSES)
    network = nn.Sequential(*blocks, nn.Flatten(), head)
    initialize([*convolutions(network), head], scheme_of(net), torch.Generator().manual_seed(seed))
    return network


def scheme_of(net: BlockNet) -> str:
    """The initialization that suits the activation."""
    return "Xavier normal" if ACTIVATIONS[net.activation].saturates == "both" else "Kaiming normal"


def convolutions(network: nn.Module) -> list[nn.Conv2d]:
    """In the order of execution."""
    return [part for part in network.modules() if isinstance(part, nn.Conv2d)]


def conv_blocks(network: nn.Sequential) -> list[ConvBlock]:
    """The blocks, in the order of execution."""
    return [cast("ConvBlock", part) for part in network.children() if hasattr(part, "conv")]


def norms(network: nn.Sequential) -> list[nn.Module]:
    """The normalizations, in the order of execution."""
    return [block.norm for block in conv_blocks(network) if hasattr(block, "norm")]


@lru_cache(maxsize=1)
def split() -> Mapping[str, tuple[Tensor, Tensor]]:
    """The digits for training (1437) and for validation (360): (B, 1, 8, 8) float32 standardized, and labels (B,)."""
    x, labels = experiments.digits()
    indices = zip(("training", "validation"), experiments.split(0, VALIDATION_SIZE), strict=True)
    return {name: (x[index], labels[index]) for name, index in indices}


def batches(seed: int, size: int = BATCH) -> experiments.Batches:
    """Endless batches of training digits, shuffled by seed; incomplete batches are left out."""
    return experiments.batches(*split()["training"], size, seed)


def accuracy(network: nn.Module) -> float:
    """Validation accuracy in evaluation mode; the mode of the network is restored."""
    x, labels = split()["validation"]
    return experiments.accuracy(in_eval_mode(network, x), labels)


def trained(net: BlockNet, seed: int, steps: int, rate: float = RATE) -> nn.Sequential:
    """The network after some steps, in training mode."""
    network = build_network(net, seed)
    for _, (x, labels) in zip(range(steps), batches(seed), strict=False):
        sgd_step(network, x, labels, rate)
    return network
