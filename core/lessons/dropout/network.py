"""A small network on the handwritten digits in which every kind of dropout has its place.

Shape suffixes: B batch, C channels, H height, W width.
"""

from __future__ import annotations

from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.layers.dropout import DROPOUTS
from core.layers.initialization import initialize
from core.lessons.dropout.masks import Knobs
from core.lessons.gradients import digits

NONE = "none"
WIDTH, HIDDEN = 12, 64
BEGINNINGS = {"ReLU": "Kaiming normal", "SELU": "LeCun normal"}
VALIDATED = 500  # digits that no run ever trains on
WHERE = {
    "values": "behind the hidden layer",
    "maps": "on the maps, before pooling",
    "branch": "on the residual branch",
    "weights": "on the weights of the hidden layer",
}


def place_of(kind: str) -> str:
    """Which of WHERE a kind belongs to."""
    entry = DROPOUTS[kind]
    return ("maps" if entry.maps else "values") if entry.on == "signal" else entry.on


class Small(nn.Module):
    """Three convolutions, two of them a residual branch; pooling; a hidden layer and a classifier.

    (B, 1, 8, 8) -> logits (B, 10). Its weights depend on the seed alone, so two of them that differ in their dropout
    begin alike; the dropout draws from dice of its own.
    """

    def __init__(self, kind: str = NONE, knobs: Knobs = (), seed: int = 0, activation: str = "ReLU"):
        super().__init__()
        self.activation = activation
        width, hidden = WIDTH, HIDDEN
        self.stem, self.first, self.second = _conv(1, width), _conv(width, width), _conv(width, width)
        self.hidden: nn.Module = nn.utils.skip_init(nn.Linear, width * 16, hidden)
        self.head = nn.utils.skip_init(nn.Linear, hidden, 10)
        layers = [self.stem, self.first, self.second, self.hidden, self.head]
        initialize(layers, BEGINNINGS[activation], torch.Generator().manual_seed(seed))
        self.values, self.maps, self.branch = nn.Identity(), nn.Identity(), nn.Identity()
        if kind != NONE:
            self._drop(kind, dict(knobs), torch.Generator().manual_seed(seed))

    def _drop(self, kind: str, knobs: dict[str, float], generator: torch.Generator) -> None:
        """Put a dropout where it belongs."""
        entry = DROPOUTS[kind]
        if entry.on == "weights":
            self.hidden = entry.build(self.hidden, **knobs, generator=generator)
        else:
            setattr(self, place_of(kind), entry.build(**knobs, generator=generator))

    def forward(self, x_BCHW: Tensor) -> Tensor:
        bend = torch.relu if self.activation == "ReLU" else torch.selu
        x_BCHW = bend(self.stem(x_BCHW))
        branch = self.second(bend(self.first(x_BCHW)))
        x_BCHW = self.maps(bend(x_BCHW + self.branch(branch)))
        x_BF = self.values(bend(self.hidden(F.max_pool2d(x_BCHW, 2).flatten(1))))
        return self.head(x_BF)


def _conv(channels: int, out_channels: int) -> nn.Conv2d:
    return nn.utils.skip_init(nn.Conv2d, channels, out_channels, 3, padding=1)


def split(pictures: int, seed: int) -> tuple[Tensor, Tensor]:
    """Places of `pictures` digits to train on and of VALIDATED others, both chosen by the seed."""
    order = torch.randperm(len(digits()[0]), generator=torch.Generator().manual_seed(seed))
    return order[VALIDATED : VALIDATED + pictures], order[:VALIDATED]


@lru_cache(maxsize=1)
@torch.enable_grad()
def _trained() -> dict[str, Tensor]:
    """The weights after seven rounds over all digits but those kept for validation, with Dropout of 0.5."""
    x, labels = digits()
    train, _ = split(len(x) - VALIDATED, 0)
    network, dice = Small("Dropout", (("p", 0.5),)), torch.Generator().manual_seed(0)
    optimizer = torch.optim.Adam(network.parameters(), 3e-3)
    for _ in range(7):
        for place in train[torch.randperm(len(train), generator=dice)].split(64):
            optimizer.zero_grad()
            F.cross_entropy(network(x[place]), labels[place]).backward()
            optimizer.step()
    return network.state_dict()


def trained(kind: str = NONE, knobs: Knobs = (), seed: int = 0) -> Small:
    """A network of one's own with the trained weights and any dropout, in evaluation mode."""
    network = Small(kind, knobs, seed)
    with torch.no_grad():
        for mine, theirs in zip(network.parameters(), _trained().values(), strict=True):
            mine.copy_(theirs)
    return network.eval()
