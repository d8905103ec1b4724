"""A small network on the handwritten digits with a position for every kind of dropout.

Shape suffixes: B batch, C channels, H height, W width.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.layers.dropout import DROPOUTS
from core.layers.initialization import initialize
from core.lessons import experiments
from core.lessons.dropout.masks import DropoutSettings
from core.lessons.experiments import digits, epoch, optimizer_step

NONE = "none"
WIDTH, HIDDEN = 12, 64
INITIALIZATION_OF = {"ReLU": "Kaiming normal", "SELU": "LeCun normal"}
VALIDATION_SIZE = 500  # digits that no run trains on
POSITIONS = {
    "values": "after the hidden layer",
    "maps": "on the feature maps, before pooling",
    "branch": "on the residual branch",
    "weights": "on the weights of the hidden layer",
}


def position_of(kind: str) -> str:
    """Which of POSITIONS a kind is placed at."""
    entry = DROPOUTS[kind]
    return ("maps" if entry.maps else "values") if entry.on == "signal" else entry.on


class DropoutNet(nn.Module):
    """Three convolutions, two of them a residual branch; pooling; a hidden layer and a classifier.

    (B, 1, 8, 8) -> logits (B, 10). The weights depend on the seed alone, so two networks that differ in their dropout
    start alike; the dropout has a generator of its own.
    """

    def __init__(self, kind: str = NONE, settings: DropoutSettings = (), seed: int = 0, activation: str = "ReLU"):
        super().__init__()
        self.activation = activation
        width, hidden = WIDTH, HIDDEN
        self.stem, self.first, self.second = _conv(1, width), _conv(width, width), _conv(width, width)
        self.hidden: nn.Module = nn.utils.skip_init(nn.Linear, width * 16, hidden)
        self.head = nn.utils.skip_init(nn.Linear, hidden, 10)
        layers = [self.stem, self.first, self.second, self.hidden, self.head]
        initialize(layers, INITIALIZATION_OF[activation], torch.Generator().manual_seed(seed))
        self.values, self.maps, self.branch = nn.Identity(), nn.Identity(), nn.Identity()
        if kind != NONE:
            self._insert_dropout(kind, dict(settings), torch.Generator().manual_seed(seed))

    def _insert_dropout(self, kind: str, settings: dict[str, Any], generator: torch.Generator) -> None:
        """Put a dropout at its position."""
        entry = DROPOUTS[kind]
        if entry.on == "weights":
            self.hidden = entry.build(self.hidden, **settings, generator=generator)
        else:
            setattr(self, position_of(kind), entry.build(**settings, generator=generator))

    def forward(self, x_BCHW: Tensor) -> Tensor:
        activation = torch.relu if self.activation == "ReLU" else torch.selu
        x_BCHW = activation(self.stem(x_BCHW))
        branch = self.second(activation(self.first(x_BCHW)))
        x_BCHW = self.maps(activation(x_BCHW + self.branch(branch)))
        x_BF = self.values(activation(self.hidden(F.max_pool2d(x_BCHW, 2).flatten(1))))
        return self.head(x_BF)


def _conv(channels: int, out_channels: int) -> nn.Conv2d:
    return nn.utils.skip_init(nn.Conv2d, channels, out_channels, 3, padding=1)


def split(train_size: int, seed: int) -> tuple[Tensor, Tensor]:
    """Indices of `train_size` digits for training and of VALIDATION_SIZE others, both chosen by the seed."""
    training, validation = experiments.split(seed, VALIDATION_SIZE)
    return training[:train_size], validation


EPOCHS, BATCH, RATE = 7, 64, 3e-3


Weights = dict[str, Tensor]  # of a network, by their names


@lru_cache(maxsize=64)
@torch.enable_grad()
def trained_weights(kind: str, settings: DropoutSettings) -> Weights:
    """The weights after EPOCHS on all digits but those for validation, with this dropout; never change them."""
    x, labels = digits()
    train, _ = split(len(x) - VALIDATION_SIZE, 0)
    network, generator = DropoutNet(kind, settings), torch.Generator().manual_seed(0)
    optimizer = torch.optim.Adam(network.parameters(), RATE)
    for _ in range(EPOCHS):
        for batch in epoch(len(train), BATCH, generator):
            optimizer_step(optimizer, F.cross_entropy(network(x[train[batch]]), labels[train[batch]]))
    return network.state_dict()


def trained(
    kind: str = NONE, settings: DropoutSettings = (), seed: int = 0, weights: Weights | None = None
) -> DropoutNet:
    """A network that was trained with this dropout, whose masks are now drawn by `seed`, in evaluation mode.

    `weights` are those of `trained_weights`, where they are there already.
    """
    network = DropoutNet(kind, settings, seed)
    weights = trained_weights(kind, settings) if weights is None else weights
    with torch.no_grad():
        for parameter, weight in zip(network.parameters(), weights.values(), strict=True):
            parameter.copy_(weight)
    return network.eval()
