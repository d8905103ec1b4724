"""What we know about a named network, besides how to build it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn


@dataclass(frozen=True)
class Architecture:
    """A network out of the literature: how to build it, and what its authors or their successors counted.

    `build()` makes it with random weights, for the published number of classes; where `resizable` is true,
    `build(classes=2)` gives it another last layer. `input_shape` is (C, H, W) without the batch. `params` is a count
    of numbers, `gmacs` of 10^9 multiply-adds of one picture with bias left out, None where nobody published it;
    `counted` says where both counts come from.
    """

    title: str
    build: Callable[..., nn.Module]
    paper: str
    teaches: str
    params: int
    gmacs: float | None = None
    counted: str = "torchvision's table of pre-trained weights"
    input_shape: tuple[int, ...] = (3, 224, 224)
    resizable: bool = True

    def on_meta(self) -> nn.Module:
        """The network as shapes only: nothing is allocated, and `profile` takes it as it is."""
        with torch.device("meta"):
            return self.build()
