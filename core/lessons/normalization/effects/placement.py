"""Where a normalization stands in its block, and what follows from it: gradients, dead units, and races."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from torch import Tensor, nn

from core.layers.activations import value_and_slope
from core.lessons.activations import SATURATION_SLOPE
from core.lessons.gradients import dead_share
from core.lessons.normalization.effects import network as nets
from core.lessons.normalization.effects.network import ORDERS, PLAIN, Net

STEPS = 120
LOOK = 10  # steps between two looks at the held-out digits


@dataclass(frozen=True)
class Blocks:
    """One forward and one backward pass on a batch; arrays have a row a block, the first block first.

    gradient: norm of dL/dW of the convolution; dead: share of units (channel and place) whose activation has slope 0
    for the whole batch; flat: share of values at which its slope is under SATURATION_SLOPE; deviation: of its inputs.
    """

    loss: float
    gradient: np.ndarray
    dead: np.ndarray
    flat: np.ndarray
    deviation: np.ndarray


def look(network: nn.Sequential, x_BCHW: Tensor, labels: Tensor) -> Blocks:
    """Run forward and backward once, in the mode that the network is in, and look at every block."""
    given: list[Tensor] = []
    blocks = [part for part in network if hasattr(part, "conv")]
    hooks = [
        block.activation.register_forward_pre_hook(lambda module, args: given.append(args[0].detach()))
        for block in blocks
    ]
    network.zero_grad()
    loss = nn.functional.cross_entropy(network(x_BCHW), labels)
    loss.backward()
    for hook in hooks:
        hook.remove()
    slopes = [value_and_slope(block.activation, x)[1] for block, x in zip(blocks, given, strict=True)]
    return Blocks(
        loss.item(),
        np.array([block.conv.weight.grad.norm().item() for block in blocks]),
        np.array([dead_share(slope.flatten(1)) for slope in slopes]),
        np.array([(slope.abs() < SATURATION_SLOPE).double().mean().item() for slope in slopes]),
        np.array([x.std().item() for x in given]),
    )


def at_the_start(net: Net, seed: int = 0) -> Blocks:
    """Before any step, on the seed's first batch of digits."""
    return look(nets.build(net, seed), *next(nets.batches(seed)))


def orders(net: Net) -> dict[str, Net]:
    """This network in every order."""
    return {order: replace(net, order=order) for order in ORDERS}


def claim(net: Net) -> dict[str, Net]:
    """Sigmoid and ReLU, without a normalization and with the one and the order of `net`."""
    found = {}
    for activation in ("Sigmoid", "ReLU"):
        found[f"{activation} alone"] = replace(net, activation=activation, order=PLAIN)
        found[f"{activation} + {net.norm}"] = replace(net, activation=activation)
    return found


@dataclass(frozen=True)
class Step:
    """One step of a race: the loss on its batch before it, and now and then what is right of the held-out digits."""

    number: int
    loss: float
    right: float | None = None


def train(net: Net, seed: int, rate: float, steps: int = STEPS) -> Iterator[Step]:
    """Plain SGD from the seed's weights on the seed's batches; ends early where the loss is no longer a number."""
    network = nets.build(net, seed)
    for number, (x, labels) in zip(range(steps), nets.batches(seed), strict=False):
        loss = nets.step(network, x, labels, rate)
        last = number == steps - 1 or not math.isfinite(loss)
        yield Step(number, loss, nets.right(network) if last or number % LOOK == LOOK - 1 else None)
        if last:
            return


def race(contestants: Sequence[Net], seed: int, rate: float, steps: int = STEPS) -> Iterator[tuple[Step | None, ...]]:
    """All on the same batches, a step of each at a time; one that has ended gives None."""
    runs = [train(net, seed, rate, steps) for net in contestants]
    while True:
        moment = tuple(next(run, None) for run in runs)
        if all(one is None for one in moment):
            return
        yield moment


def last_right(moments: Sequence[tuple[Step | None, ...]], place: int) -> float | None:
    """What one contestant last had right of the held-out digits; None before the first look."""
    seen = [moment[place].right for moment in moments if moment[place] and moment[place].right is not None]
    return seen[-1] if seen else None
