"""What one augmentation consists of. Shapes: B pictures, C channels, H rows, W columns, K classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

import torch
from torch import Tensor

Draw = Mapping[str, Tensor]  # what chance decided: by name, a value or more for each picture, (B, ...)


class Batch(NamedTuple):
    """Sizes of the batch that is drawn for."""

    pictures: int
    channels: int
    height: int
    width: int


class Cells(NamedTuple):
    """From which cell of its picture each cell of the batch is taken."""

    rows: Tensor  # int64 (B, H)
    columns: Tensor  # int64 (B, W)


class Labelled(NamedTuple):
    """Pictures and the share of each class in them."""

    x_BCHW: Tensor
    y_BK: Tensor


class Stage(Enum):
    """When a change is made, and so what its `apply` takes and gives."""

    CELLS = "(Cells, draw) -> Cells: all such changes are one gather of whole numbers"
    WARP = "(B, C, H, W), draw -> (B, 3, 3) from an output to an input place, both -1..1: all are one interpolation"
    PIXELS = "float32 (B, C, H, W) in 0..1, draw -> the same shape and range"
    MIX = "(Labelled, Labelled of the partners, draw) -> Labelled"


@dataclass(frozen=True)
class Augmentation:
    """One kind of change: how chance decides for each picture, and how the batch is changed, on its own device.

    `draw(strength, batch, generator)` works on the CPU; `says(draw of one picture)` puts it into words, "" where
    nothing happens. `spoils` names labels that may not be true any more afterwards. `code(draw of one picture,
    strength, batch)` is the change as lines of PyTorch or kornia on `x`, float32 (1, C, H, W) in 0..1; warps, which are
    written as one matrix, and mixes have none.
    """

    stage: Stage
    draw: Callable[[Any, Batch, torch.Generator], dict[str, Tensor]]
    apply: Callable[..., Any]
    says: Callable[[Draw], str]
    formula: str  # LaTeX
    paper: str
    spoils: str
    code: Callable[[Draw, Any, Batch], list[str]] = lambda draw, strength, batch: []


def signed(value: Tensor) -> str:
    """A whole number with its sign, for `says`.

    >>> signed(torch.tensor(-2.7)), signed(torch.tensor(-0.2))
    ('−3', '0')
    """
    whole = round(float(value))
    return f"{whole:+d}".replace("-", "−") if whole else "0"
