"""Axes that a text takes into the batch, `tf.reshape(x, [-1, channels])`, and out of it again.

Each image is then several rows, which lie one after the other; a network ends with one row for each image.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor

from core.errors import ParseError
from core.parsing.dialects.keras.symbols import (
    KerasTensor,
    Record,
    channels_first,
    channels_last,
    ending,
)


def regrouped(x: KerasTensor, sizes: list[int], rows: int) -> KerasTensor:
    """The same values as so many rows of each image."""
    ordered = channels_last(x)
    made = KerasTensor(tuple(sizes), Record(_regrouped, (ordered, tuple(sizes)), {}, "reshape"), rows=rows)
    return ending(made if x.channels_first else channels_first(made), (x,))


def _regrouped(x: Tensor, sizes: tuple[int, ...]) -> Tensor:
    return torch.reshape(x, (-1, *sizes))


def refuse_rows(outputs: Iterable[KerasTensor], line: int) -> None:
    """Refuses outputs that are not one row for each image. Raises: ParseError."""
    for output in outputs:
        if output.rows != 1:
            raise ParseError(
                f"Line {line}: the output is {output.rows:,} rows of {math.prod(output.shape):,} values for each "
                "image: a reshape before it mixes the images of a batch."
            )
