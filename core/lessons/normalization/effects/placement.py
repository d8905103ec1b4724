"""The position of normalization in a block and its effects: gradients, dead units, training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from torch import Tensor, nn

from core.layers.activations import value_and_slope
from core.lessons import experiments
from core.lessons.activations import SATURATION_SLOPE
from core.lessons.experiments import sgd_step
from core.lessons.gradients.layer_statistics import dead_share, gradient_norm
from core.lessons.normalization.effects import network as nets
from core.lessons.normalization.effects.network import ORDERS, PLAIN, BlockNet

STEPS = 120
EVAL_EVERY = 10  # steps


@dataclass(frozen=True)
class BlockStatistics:
    """One forward and one backward pass on a batch; arrays have one element per block.

    gradient: norm of dL/dW of the convolution; dead: share of units (channel and position) whose activation has slope
    0 for the whole batch; saturated: share of values at which its slope is below SATURATION_SLOPE; std: of its inputs.
    """

    loss: float
    gradient: np.ndarray
    dead: np.ndarray
    saturated: np.ndarray
    std: np.ndarray


def measure(network: nn.Sequential, x_BCHW: Tensor, labels: Tensor) -> BlockStatistics:
    """Run forward and backward once, in the current mode of the network, and measure every block."""
    blocks = nets.conv_blocks(network)
    network.zero_grad()
    with experiments.inputs_of(block.activation for block in blocks) as inputs:
        loss = nn.functional.cross_entropy(network(x_BCHW), labels)
    loss.backward()
    slopes = [value_and_slope(block.activation, x)[1] for block, x in zip(blocks, inputs, strict=True)]
    return BlockStatistics(
        loss.item(),
        np.array([gradient_norm(block.conv.weight) for block in blocks]),
        np.array([dead_share(slope.flatten(1)) for slope in slopes]),
        np.array([(slope.abs() < SATURATION_SLOPE).double().mean().item() for slope in slopes]),
        np.array([x.std().item() for x in inputs]),
    )


def at_initialization(net: BlockNet, seed: int = 0) -> BlockStatistics:
    """Before training, on the first batch of the seed."""
    return measure(nets.build_network(net, seed), *next(nets.batches(seed)))


def all_orders(net: BlockNet) -> dict[str, BlockNet]:
    """This network with every order."""
    return {order: replace(net, order=order) for order in ORDERS}


def popular_claim(net: BlockNet) -> dict[str, BlockNet]:
    """Sigmoid and ReLU, without normalization and with that of `net`."""
    networks = {}
    for activation in ("Sigmoid", "ReLU"):
        networks[f"{activation} alone"] = replace(net, activation=activation, order=PLAIN)
        networks[f"{activation} + {net.norm}"] = replace(net, activation=activation)
    return networks


@dataclass(frozen=True)
class StepResult:
    """One training step: the loss on its batch before it, and now and then the validation accuracy."""

    number: int
    loss: float
    accuracy: float | None = None


def train(net: BlockNet, seed: int, rate: float, steps: int = STEPS) -> Iterator[StepResult]:
    """Plain SGD, weights and batches by seed; stops early if the loss is not finite."""
    network = nets.build_network(net, seed)
    step = partial(sgd_step, network, learning_rate=rate)
    for number, loss, is_last in experiments.train(step, nets.batches(seed), steps):
        evaluates = is_last or number % EVAL_EVERY == EVAL_EVERY - 1
        yield StepResult(number, loss, nets.accuracy(network) if evaluates else None)


def train_side_by_side(
    networks: Sequence[BlockNet], seed: int, rate: float, steps: int = STEPS
) -> Iterator[tuple[StepResult | None, ...]]:
    """All on the same batches, one step of each at a time; None for a network that has stopped."""
    return experiments.side_by_side([train(net, seed, rate, steps) for net in networks])


def last_accuracy(history: Sequence[tuple[StepResult | None, ...]], index: int) -> float | None:
    """The last validation accuracy of one run; None before the first evaluation."""
    results = (point[index] for point in history)
    values = [result.accuracy for result in results if result and result.accuracy is not None]
    return values[-1] if values else None
