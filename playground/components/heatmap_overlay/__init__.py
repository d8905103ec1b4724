"""Images with a signed map over each: one slider for all of them, and the value of the cell under the pointer.

Moving, fading and pointing happen in the browser; the server sends images and maps once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from playground import markup
from playground.components import bundle

_mount = bundle.component("heatmap_overlay")


@dataclass(frozen=True, eq=False)
class MappedImage:
    """An image (its address) with its caption and the map (h, w) over it.

    `is_correct` marks it as a correct or a wrong prediction; `boxes` (K, 4), x0 y0 x1 y1 as shares of the side, are
    framed.
    """

    image: str
    title: str
    map: np.ndarray | None = None
    is_correct: bool | None = None
    boxes: np.ndarray | None = None


def overlay(images: Sequence[MappedImage], key: str, side: int = 120, bound: float | None = None) -> None:
    """A grid of images, each at least `side` pixels wide, orange where a map is evidence for the class, blue against.

    `bound` is the value of the full colour, the same for all images; without it the largest value.
    """
    maps = [one.map for one in images if one.map is not None]
    largest = bound or max((float(np.abs(one).max()) for one in maps), default=1.0) or 1.0
    _mount(data={"images": [packed(one) for one in images], "bound": largest, "side": side, "link": key}, key=key)


def packed(one: MappedImage) -> dict[str, object]:
    """What the browser gets: the map as float32 bytes, so that the values read out are those computed."""
    sent: dict[str, object] = {"src": one.image, "title": one.title, "correct": one.is_correct}
    if one.map is not None:
        sent["shape"] = list(one.map.shape)
        sent["values"] = markup.packed(one.map, "<f4")
    if one.boxes is not None:
        sent["boxes"] = np.asarray(one.boxes, dtype=float).round(4).tolist()
    return sent
