"""What is inspected: a network and one image."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from torch import Tensor, nn


@dataclass(frozen=True, eq=False)
class Subject:
    """A network and one image of it.

    `model` is in evaluation mode and never changed; several visitors share it. `x_BCHW` is float32 (1, C, H, W), the
    image as the network takes it; `pixels_HWC` is the same image as it is shown, uint8 (H, W, 3). `label` is the index
    of its true class in `classes`, None where that is not known. `key` is equal for equal subjects, its first part for
    equal networks: what a cache needs. `others(B)` gives at most B more images as the network takes them, (B, C, H, W),
    spread evenly over those that come with it; and, where they are known, the boxes (B, K, 4) of what distinguishes the
    classes in each: x0 y0 x1 y1 in pixels.
    """

    model: nn.Module
    classes: tuple[str, ...]
    x_BCHW: Tensor
    pixels_HWC: np.ndarray
    title: str
    label: int | None
    key: tuple[str, ...] = ()
    others: Callable[[int], tuple[Tensor, Tensor | None]] | None = None
