"""Two networks that differ in their dropout only, trained side by side on few digits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.knobs import knob
from core.lessons.dropout.masks import DropoutSettings
from core.lessons.dropout.network import INITIALIZATION_OF, NONE, DropoutNet, split
from core.lessons.experiments import accuracy, digits, epoch, in_eval_mode, optimizer_step, side_by_side

BATCH, RATE = 20, 2e-3


@dataclass(frozen=True)
class DropoutTraining:
    """What both networks are trained on, and for how long."""

    train_size: int = knob(200, 40, 400, step=20, label="Training images")
    label_noise: float = knob(
        0.2, 0.0, 0.5, step=0.05, label="Wrong labels", help="Share of the training images with a wrong label."
    )
    epochs: int = knob(30, 5, 60, step=5, label="Epochs")
    activation: str = knob(
        "ReLU", choices=tuple(INITIALIZATION_OF), label="Activation", help="AlphaDropout is made for SELU."
    )
    seed: int = knob(0, 0, 20, label="Seed", help="Of the weights, the images and their order.")


@dataclass(frozen=True)
class EpochResult:
    """Mean loss and accuracy after an epoch, in evaluation mode, on the training and on the validation images."""

    loss: float
    accuracy: float
    validation_loss: float
    validation_accuracy: float


def wrong_labels(setup: DropoutTraining) -> int:
    """How many of the training images have a wrong label."""
    return round(setup.label_noise * setup.train_size)


def noisy_data(setup: DropoutTraining) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Training images (N, 1, 8, 8) and labels, some of them wrong, then validation images and their true labels."""
    x, labels = digits()
    train, validation = split(setup.train_size, setup.seed)
    noisy, generator = labels[train].clone(), torch.Generator().manual_seed(setup.seed)
    count = wrong_labels(setup)
    noisy[:count] = (noisy[:count] + torch.randint(1, 10, (count,), generator=generator)) % 10
    return x[train], noisy, x[validation], labels[validation]


def train(setup: DropoutTraining, kind: str = NONE, settings: DropoutSettings = ()) -> Iterator[EpochResult]:
    """One network, an epoch at a time; Adam at RATE with batches of BATCH."""
    x, noisy, x_validation, labels = noisy_data(setup)
    network = DropoutNet(kind, settings, setup.seed, setup.activation)
    generator = torch.Generator().manual_seed(setup.seed)
    optimizer = torch.optim.Adam(network.parameters(), RATE)
    for _ in range(setup.epochs):
        network.train()
        for batch in epoch(len(x), BATCH, generator):
            optimizer_step(optimizer, F.cross_entropy(network(x[batch]), noisy[batch]))
        yield EpochResult(*loss_and_accuracy(network, x, noisy), *loss_and_accuracy(network, x_validation, labels))


def loss_and_accuracy(network: nn.Module, x: Tensor, labels: Tensor) -> tuple[float, float]:
    """Mean loss and accuracy in evaluation mode."""
    logits = in_eval_mode(network, x)
    return F.cross_entropy(logits, labels).item(), accuracy(logits, labels)


def train_both(
    setup: DropoutTraining, kind: str, settings: DropoutSettings
) -> Iterator[tuple[EpochResult | None, ...]]:
    """A without dropout, B with it, an epoch of each at a time: same initial weights, same images, same order."""
    return side_by_side([train(setup), train(setup, kind, settings)])
