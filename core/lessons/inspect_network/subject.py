"""What is inspected: a network and one image."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from torch import Tensor, nn


@dataclass(frozen=True, eq=False)
class TrainingCheckpoint:
    """A network at a moment of its training: `title` says when, `result` how good it was then, "" where unknown.

    `key` is that of `model()` among the checkpoints of one network; of the trained network it is "".
    """

    key: str
    title: str
    model: Callable[[], nn.Module]
    result: str = ""


@dataclass(frozen=True, eq=False)
class Subject:
    """A network and one image of it.

    `model` is in evaluation mode and never changed; several visitors share it. `x_BCHW` is float32 (1, C, H, W), the
    image as the network takes it; `pixels_HWC` is the same image as it is shown, uint8 (H, W, 3). `label` is the index
    of its true class in `classes`, None where that is not known. `key` is equal for equal subjects, its first part for
    equal networks: what a cache needs. `others(B)` gives at most B more images as the network takes them, (B, C, H, W),
    spread evenly over those that come with it; and, where they are known, the boxes (B, K, 4) of what distinguishes the
    classes in each: x0 y0 x1 y1 in pixels.

    `checkpoints` are the moments of its training whose weights are known, the last one after it; those of `model` have
    the number `checkpoint`. `is_drawn`: the image is a drawing of the visitor; `is_private`: image or network are the
    visitor's own, so nothing of them is kept for others; `has_private_network`: the network is, or the images that come
    with it.
    """

    model: nn.Module
    classes: tuple[str, ...]
    x_BCHW: Tensor
    pixels_HWC: np.ndarray
    title: str
    label: int | None
    key: tuple[str, ...] = ()
    others: Callable[[int], tuple[Tensor, Tensor | None]] | None = None
    checkpoints: tuple[TrainingCheckpoint, ...] = ()
    checkpoint: int = -1
    is_drawn: bool = False
    is_private: bool = False
    has_private_network: bool = False

    def at(self, number: int) -> Subject:
        """The same image and network with the weights of another checkpoint."""
        count = len(self.checkpoints)
        if number % count == self.checkpoint % count:
            return self
        wanted, (network, *rest) = self.checkpoints[number], self.key
        if before := self.checkpoints[self.checkpoint].key:
            network = network.removesuffix(f"-{before}")
        key = f"{network}-{wanted.key}" if wanted.key else network
        return replace(self, model=wanted.model(), key=(key, *rest), checkpoint=number)
