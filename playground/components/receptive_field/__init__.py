"""A cell's receptive field on a picture: the mouse chooses the cell, a slider the layer; left alone, it grows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from core.receptive_field import Field
from playground import markup
from playground.components import bundle

_mount = bundle.component("receptive_field")
SMALL = 3 * 128 * 128  # values of a picture whose pixels can be told apart, and that no compression may alter


@dataclass(frozen=True)
class EffectiveMap:
    """What is drawn of an effective field: its picture's address, the theoretical window, and two squares' sides.

    `window` are the first and the last row and column; `half` and `most` are sides in pixels about its middle.
    """

    image: str
    window: tuple[tuple[int, int], tuple[int, int]]
    half: int
    most: int


def field(
    picture: np.ndarray,
    sides: tuple[int, int],
    fields: Sequence[tuple[str, Field]],
    alt: str,
    key: str,
    effective: Sequence[EffectiveMap | None] | None = None,
) -> None:
    """Draw named fields over a picture, uint8 (H, W, 3), that is stretched over the input's cells, `sides` of them.

    `effective`, where it is measured, has one for each layer and is drawn beside; None where a layer is inactive.
    """
    maps = effective or [None] * len(fields)
    data = {
        "link": key,
        "measured": effective is not None,
        "picture": markup.data_uri(picture) if picture.size <= SMALL else markup.data_uri(picture, "JPEG", quality=85),
        "height": sides[0],
        "width": sides[1],
        "layers": [_layer(name, one, map_) for (name, one), map_ in zip(fields, maps, strict=True)],
        "alt": alt,
    }
    _mount(data=data, key=key)


def _layer(name: str, one: Field, effective: EffectiveMap | None) -> dict[str, Any]:
    return {
        "effective": None if effective is None else asdict(effective),
        "name": name,
        "map": one.map_shape,
        "size": [side.size for side in one.sides],
        "jump": [str(side.jump) for side in one.sides],
        "start": [side.start for side in one.sides],
        "shift": [side.shift for side in one.sides],
        "fields": [_spans(side.fields) for side in one.sides],
        "cells": [_spans(side.cells) for side in one.sides],
    }


def _spans(spans: Sequence[tuple[float, float]]) -> list[list[float | None]]:
    """JSON has no infinity: a cell that sees nothing has nulls."""
    return [[None if math.isinf(end) else end for end in span] for span in spans]
