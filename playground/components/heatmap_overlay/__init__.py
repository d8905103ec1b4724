"""Pictures with a signed map over each: one slider for all of them, and the value of the cell under the pointer.

Moving, fading and pointing happen in the browser; the server sends pictures and maps once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from playground import markup
from playground.charts.theme import DATA_SCALE
from playground.components import bundle

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "heatmap_overlay",
    js=bundle.script(_HERE / "heatmap_overlay.js", {"DATA_SCALE": DATA_SCALE}),
    css=bundle.style(_HERE / "heatmap_overlay.css"),
)


@dataclass(frozen=True, eq=False)
class Laid:
    """A picture (its address) with its line of text and the map (h, w) that lies over it.

    `right` marks it as a right or a wrong answer; `boxes` (K, 4), x0 y0 x1 y1 as shares of the side, are framed.
    """

    picture: str
    title: str
    map: np.ndarray | None = None
    right: bool | None = None
    boxes: np.ndarray | None = None


def overlay(pictures: Sequence[Laid], key: str, side: int = 120, bound: float | None = None) -> None:
    """A grid of pictures, each at least `side` pixels wide, orange where a map speaks for the class, blue against.

    `bound` is the value of the fullest colour, the same for all of them; without it the largest there is.
    """
    maps = [one.map for one in pictures if one.map is not None]
    largest = bound or max((float(np.abs(one).max()) for one in maps), default=1.0) or 1.0
    _mount(data={"pictures": [packed(one) for one in pictures], "bound": largest, "side": side}, key=key)


def packed(one: Laid) -> dict[str, object]:
    """What the browser gets: the map as float32 bytes, so that what is read off is what was computed."""
    sent: dict[str, object] = {"src": one.picture, "title": one.title, "right": one.right}
    if one.map is not None:
        sent["shape"] = list(one.map.shape)
        sent["values"] = markup.packed(one.map, "<f4")
    if one.boxes is not None:
        sent["boxes"] = np.asarray(one.boxes, dtype=float).round(4).tolist()
    return sent
