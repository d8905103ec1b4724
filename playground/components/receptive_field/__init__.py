"""A cell's receptive field on a picture: the mouse chooses the cell, a slider the layer; left alone, it grows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.receptive_field import Field
from playground import markup
from playground.components import bundle

_mount = bundle.component("receptive_field")


def field(picture: np.ndarray, sides: tuple[int, int], fields: Sequence[tuple[str, Field]], alt: str, key: str) -> None:
    """Draw named fields over a picture, uint8 (H, W, 3), that is stretched over the input's cells, `sides` of them."""
    data = {
        "picture": markup.data_uri(picture, "JPEG", quality=85),
        "height": sides[0],
        "width": sides[1],
        "layers": [_layer(name, one) for name, one in fields],
        "alt": alt,
    }
    _mount(data=data, key=key)


def _layer(name: str, one: Field) -> dict[str, Any]:
    return {
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
