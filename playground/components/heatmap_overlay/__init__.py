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
    framed. `bound` is the value of the full colour of this map where it is not that of all. `reason` stands in place of
    the image where there is no map.
    """

    image: str
    title: str
    map: np.ndarray | None = None
    is_correct: bool | None = None
    boxes: np.ndarray | None = None
    bound: float | None = None
    reason: str = ""


def overlay(
    images: Sequence[MappedImage], key: str, side: int = 120, bound: float | None = None, columns: int = 0
) -> None:
    """A grid of images, each at least `side` pixels wide, orange where a map is evidence for the class, blue against.

    `bound` is the value of the full colour, the same for all images that have none of their own; without it the largest
    value. With `columns` there are always so many in a row, on a narrow screen smaller ones.
    """
    maps = [one.map for one in images if one.map is not None]
    largest = bound or max((float(np.abs(one).max()) for one in maps), default=1.0) or 1.0
    data = {"images": [packed(one) for one in images], "bound": largest, "side": side, "link": key, "columns": columns}
    _mount(data=data, key=key)


def packed(one: MappedImage) -> dict[str, object]:
    """What the browser gets: the map as float32 bytes, so that the values read out are those computed."""
    sent: dict[str, object] = {"src": one.image, "title": one.title, "correct": one.is_correct, "reason": one.reason}
    if one.map is not None:
        sent["shape"] = list(one.map.shape)
        sent["values"] = markup.packed(one.map, "<f4")
        sent["bound"] = one.bound
    if one.boxes is not None:
        sent["boxes"] = np.asarray(one.boxes, dtype=float).round(4).tolist()
    return sent
