"""A small real network on handwritten digits in which the normalization stands where one likes.

Shape suffixes: B batch, C channels, H and W height and width.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor, nn

from core.knobs import knob
from core.layers.activations import ACTIVATIONS, defaults
from core.layers.initialization import initialize
from core.layers.normalization import NORMALIZATIONS
from core.lessons import gradients

CLASSES, SIDE, WIDTH = 10, 8, 8
BATCH, RATE = 32, 0.1
HELD_OUT = 360  # digits that no training sees
EPS = 1e-5
NORMS = tuple(name for name, entry in NORMALIZATIONS.items() if not entry.on_weights)
SEED = knob(0, 0, 20, label="seed", help="Of the weights and of the order of the batches.")


@dataclass(frozen=True)
class Order:
    """What follows what in one block, and who says so."""

    parts: tuple[str, ...]
    words: str

    @property
    def folds(self) -> bool:
        """Whether the normalization follows the convolution at once, so that it can be merged into it."""
        return ("conv", "norm") in zip(self.parts, self.parts[1:], strict=False)


def _order(parts: str, words: str) -> tuple[str, Order]:
    return parts.replace(" ", ", "), Order(tuple(parts.split()), words)


ORDERS: dict[str, Order] = dict(
    [
        _order("conv norm activation pool", "as Ioffe & Szegedy 2015 have it"),
        _order("conv activation norm pool", "compared with the first by Mishkin et al. 2016, arXiv:1606.02228"),
        _order("conv activation pool norm", "what reaches the next convolution is normalized"),
        _order("conv norm pool activation", "with max pooling and a rising activation the same as the first"),
        _order("conv pool norm activation", "statistics of the pooled values alone"),
        _order("norm activation conv pool", "before the convolution, as He et al. 2016, arXiv:1603.05027"),
        _order("conv activation pool", "no normalization"),
    ]
)
PLAIN = "conv, activation, pool"
CLASSIC = next(iter(ORDERS))


@dataclass(frozen=True)
class Net:
    """`depth` equal blocks of 8 channels on 8 x 8 digits; two of them pool, 8 x 8 -> 4 x 4 -> 2 x 2.

    `early`: they are the first two, so that all others have no more than 2 x 2 places.
    """

    order: str = knob(CLASSIC, choices=tuple(ORDERS), label="order")
    activation: str = knob("ReLU", choices=tuple(ACTIVATIONS), label="activation")
    norm: str = knob("Batch", choices=NORMS, label="normalization")
    depth: int = knob(6, 2, 10, label="depth", help="Blocks.")
    early: bool = False

    def pools(self, place: int) -> bool:
        """Whether a block halves the picture."""
        return place in ((0, 1) if self.early else (self.depth // 3, 2 * self.depth // 3))


def normalization(name: str, channels: int, side: int) -> nn.Module:
    """An entry of the registry for (B, channels, side, side), with two groups where it has groups."""
    knobs = {"groups": math.gcd(2, channels), "rho": 0.5}
    entry = NORMALIZATIONS[name]
    return entry.build(channels, side, side, EPS, **{key: knobs[key] for key in entry.knobs})


def block(net: Net, place: int, channels: int, side: int) -> nn.Sequential:
    """(B, channels, side, side) -> (B, WIDTH, side, side), halved where the block pools."""
    found: OrderedDict[str, nn.Module] = OrderedDict()
    for part in ORDERS[net.order].parts:
        if part == "conv":
            found[part] = nn.utils.skip_init(nn.Conv2d, channels, WIDTH, 3, padding=1)
            channels = WIDTH
        elif part == "norm":
            found[part] = normalization(net.norm, channels, side)
        elif part == "activation":
            found[part] = ACTIVATIONS[net.activation].build(**defaults(net.activation))
        elif net.pools(place):
            found[part] = nn.MaxPool2d(2)
            side //= 2
    return nn.Sequential(found)


def build(net: Net, seed: int) -> nn.Sequential:
    """(B, 1, 8, 8) -> (B, 10). Weights by Kaiming, or Xavier where the activation is flat at both ends, from a
    generator of its own; biases 0."""
    blocks, channels, side = [], 1, SIDE
    for place in range(net.depth):
        blocks.append(block(net, place, channels, side))
        channels, side = WIDTH, side // 2 if net.pools(place) else side
    tail = (nn.Flatten(), nn.utils.skip_init(nn.Linear, channels * side**2, CLASSES))
    network = nn.Sequential(*blocks, *tail)
    scheme = "Xavier normal" if ACTIVATIONS[net.activation].saturates == "both" else "Kaiming normal"
    initialize([*convolutions(network), network[-1]], scheme, torch.Generator().manual_seed(seed))
    return network


def convolutions(network: nn.Module) -> list[nn.Conv2d]:
    """In the order in which they are run."""
    return [part for part in network.modules() if isinstance(part, nn.Conv2d)]


def norms(network: nn.Sequential) -> list[nn.Module]:
    """The normalizations, in the order in which they are run."""
    return [part.norm for part in network if hasattr(part, "norm")]


@lru_cache(maxsize=1)
def split() -> Mapping[str, tuple[Tensor, Tensor]]:
    """The digits for training (1437) and those held out (360): (B, 1, 8, 8) float32 standardized, and labels (B,)."""
    x, labels = gradients.digits()
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))
    parts = {"training": order[HELD_OUT:], "held out": order[:HELD_OUT]}
    return {name: (x[places], labels[places]) for name, places in parts.items()}


def batches(seed: int, size: int = BATCH) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches of training digits, shuffled by seed, for ever; what does not fill a batch is left out."""
    x, labels = split()["training"]
    generator = torch.Generator().manual_seed(seed)
    while True:
        for places in torch.randperm(len(x), generator=generator).split(size):
            if len(places) == size:
                yield x[places], labels[places]


def step(network: nn.Module, x_BCHW: Tensor, labels: Tensor, rate: float = RATE) -> float:
    """One step of plain SGD; returns the loss before it."""
    network.zero_grad()
    loss = nn.functional.cross_entropy(network(x_BCHW), labels)
    loss.backward()
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.grad is not None:
                parameter -= rate * parameter.grad
    return loss.item()


@torch.no_grad()
def right(network: nn.Module) -> float:
    """The share of the held-out digits that the network names correctly in evaluation; its mode is left as it was."""
    x, labels = split()["held out"]
    was = network.training
    found = network.eval()(x).argmax(1)
    network.train(was)
    return (found == labels).double().mean().item()


def trained(net: Net, seed: int, steps: int, rate: float = RATE) -> nn.Sequential:
    """The network after so many steps, in training mode."""
    network = build(net, seed)
    for _, (x, labels) in zip(range(steps), batches(seed), strict=False):
        step(network, x, labels, rate)
    return network
