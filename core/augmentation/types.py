"""What one augmentation consists of. Shapes: B images, C channels, H rows, W columns, K classes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

import torch
from torch import Tensor

from core.knobs import Knob

Draw = Mapping[str, Tensor]  # random numbers by name, one or more for each image, (B, ...)


class BatchShape(NamedTuple):
    """The shape of the batch that random numbers are drawn for."""

    images: int
    channels: int
    height: int
    width: int


class CellIndices(NamedTuple):
    """From which cell of its image each cell of the batch is taken."""

    rows: Tensor  # int64 (B, H)
    columns: Tensor  # int64 (B, W)


class LabelledBatch(NamedTuple):
    """Images and the share of each class in them."""

    x_BCHW: Tensor
    y_BK: Tensor


class Stage(Enum):
    """When an augmentation is applied, and so the arguments and the result of its `apply`."""

    CELLS = "(CellIndices, draw) -> CellIndices: all of them together are one gather of whole cells"
    WARP = "(B, C, H, W), draw -> (B, 3, 3) from output to input coordinates, -1..1: all are one interpolation"
    PIXELS = "float32 (B, C, H, W) in 0..1, draw -> the same shape and range"
    MIX = "(LabelledBatch, LabelledBatch of the partners, draw) -> LabelledBatch"


@dataclass(frozen=True)
class Augmentation:
    """One augmentation: its random numbers for each image, and how the batch is changed, on its own device.

    `draw(strength, batch, generator)` works on the CPU; `describe(draw of one image)` puts it into words, "" where
    nothing happens. `label_risk` names labels that may be wrong afterwards. `code(draw of one image, strength, batch)`
    is the change as lines of PyTorch or kornia on `x`, float32 (1, C, H, W) in 0..1; warps, which are written as one
    matrix, and mixes have none. `trace(rows, columns, draw, batch)`, of CELLS, gives where cells go, both (B, H, W);
    `covers(rows, columns, draw)`, of PIXELS, whether they are hidden afterwards.
    """

    stage: Stage
    title: str  # in a sentence, lower case
    draw: Callable[[Any, BatchShape, torch.Generator], dict[str, Tensor]]
    apply: Callable[..., Any]
    describe: Callable[[Draw], str]
    formula: str  # LaTeX
    symbols: str  # the legend of the formula
    paper: str
    label_risk: str
    code: Callable[[Draw, Any, BatchShape], list[str]] = lambda draw, strength, batch: []
    trace: Callable[[Tensor, Tensor, Draw, BatchShape], tuple[Tensor, Tensor]] | None = None
    covers: Callable[[Tensor, Tensor, Draw], Tensor] | None = None


def augmentation(strength: Knob, entry: Augmentation) -> Any:
    """A field of `Augmentations`: the strength, whose default is off, and the augmentation that it controls."""
    return dataclasses.field(default=strength.default, metadata={"knob": strength, "augmentation": entry})


def signed(value: Tensor) -> str:
    """A whole number with its sign, for `describe`.

    >>> signed(torch.tensor(-2.7)), signed(torch.tensor(-0.2))
    ('−3', '0')
    """
    whole = round(float(value))
    return f"{whole:+d}".replace("-", "−") if whole else "0"
