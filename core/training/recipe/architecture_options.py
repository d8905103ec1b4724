"""What can be varied in our own networks: width, depth, and the layers of their blocks."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

import torch
from torch import nn

from core import old_names
from core.errors import PlaygroundError
from core.knobs import knob
from core.layers.activations import ACTIVATIONS
from core.layers.dropout import DROPOUTS, with_dropout
from core.layers.initialization import INITIALIZATIONS, initialize
from core.layers.normalization import NORMALIZATIONS

OWN, NONE = "PyTorch default", "None"
GROUPS = 8
WIDEST = 65_536  # channels of the first stage: more are no network but a full memory
NORMS = (NONE, *(name for name, kind in NORMALIZATIONS.items() if kind.takes_any_size))
STARTS = (OWN, *(name for name in INITIALIZATIONS if name != "LSUV"))  # LSUV would have to see images first


@dataclass(frozen=True)
class ArchitectureOptions:
    """Width in channels of the first stage, depth in blocks per stage, and the layers of a block.

    Raises: PlaygroundError if a name is not known or a number cannot be used.
    """

    width: int = knob(24, 8, 96, step=8, help="Channels of the first stage; each further stage has twice as many.")
    depth: int = knob(1, 1, 4, label="Blocks per stage")
    norm: str = knob("Batch", choices=NORMS, label="Normalization")
    activation: str = knob("ReLU", choices=tuple(ACTIVATIONS))
    dropout: str = knob(NONE, choices=(NONE, *DROPOUTS), help="In every block, during training only.")
    dropout_rate: float = knob(0.1, 0.0, 0.9, step=0.05, label="Dropout probability")
    initialization: str = knob(OWN, choices=STARTS, help="Of the convolutions’ weights.")

    def __post_init__(self) -> None:
        old_names.update(self)
        for name, known in (("norm", NORMS), ("activation", ACTIVATIONS), ("initialization", STARTS)):
            check_choice(name, getattr(self, name), known)
        check_choice("dropout", self.dropout, (NONE, *DROPOUTS))
        if not GROUPS <= self.width <= WIDEST or self.width % GROUPS:
            raise PlaygroundError(f"width is {self.width}: it must be a multiple of {GROUPS}, and at most {WIDEST:,}.")
        if not 1 <= self.depth <= 16:
            raise PlaygroundError(f"depth is {self.depth}: it must be 1 to 16 blocks per stage.")
        if not 0 <= self.dropout_rate < 1:
            raise PlaygroundError(f"dropout_rate is {self.dropout_rate}: it must be at least 0 and below 1.")

    def norm_layers(self, channels: int) -> list[nn.Module]:
        """A normalization of that many channels, or nothing."""
        if self.norm == NONE:
            return []
        knobs = NORMALIZATIONS[self.norm].defaults
        knobs |= {"groups": math.gcd(GROUPS, channels)} if "groups" in knobs else {}  # a thin stem may have fewer
        return [NORMALIZATIONS[self.norm].build(channels, 1, 1, 1e-5, **knobs)]

    def activation_layer(self) -> nn.Module:
        """The activation; it may overwrite its input where PyTorch has it so."""
        if self.activation == "ReLU":
            return nn.ReLU(inplace=True)
        entry = ACTIVATIONS[self.activation]
        return entry.build(**entry.defaults)

    def add_dropout(self, layer: nn.Module, on: str) -> nn.Module:
        """The layer with the dropout, if that kind works `on` its signal, its weights or its branch."""
        if self.dropout == NONE or DROPOUTS[self.dropout].on != on:
            return layer
        return with_dropout(layer, self.dropout, p=self.dropout_rate)

    def initialized(self, model: nn.Module) -> nn.Module:
        """The network with its convolutions initialized as `initialization` says, from torch's present seed."""
        convolutions = [layer for layer in model.modules() if isinstance(layer, nn.Conv2d)]
        if self.initialization != OWN and not convolutions[0].weight.is_meta:
            initialize(convolutions, self.initialization, torch.Generator().manual_seed(torch.initial_seed()))
        return model


def check_choice(name: str, value: object, known: Collection[object]) -> None:
    """Raises: PlaygroundError if `value` is none of `known`."""
    if value not in known:
        raise PlaygroundError(f"{name} {value!r} is not known: choose one of {', '.join(map(str, known))}.")
