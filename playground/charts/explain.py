"""Explanations drawn: the feature maps of a layer beside their image, and the influence of each pixel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from markupsafe import Markup

from playground.charts.pictures import Tile, thumbnail, tiles
from playground.charts.theme import rgb
from playground.charts.vega import Chart, number
from playground.components.curves import PALETTE
from playground.markup import data_uri, element

Span = tuple[int, int]


def map_tiles(image: np.ndarray, maps: np.ndarray, numbers: Sequence[int], bound: float) -> Markup:
    """An image (H, W, 3) and signed maps (C, h, w) side by side, as HTML; `numbers` are the maps' own."""
    first = Tile(image, "Image", "The image as the network sees it.")
    rest = [Tile(thumbnail(one, bound), f"Map {k}", f"Feature map {k}.") for k, one in zip(numbers, maps, strict=True)]
    return tiles([first, *rest], width="5.6rem")


def field_picture(influence: np.ndarray, window: tuple[Span, Span]) -> Markup:
    """Influence (H, W) that adds up to 1, white at 0 and full orange at its largest, in the frame of `window`."""
    (top, bottom), (left, right) = window
    pixels = data_uri(rgb(influence, float(influence.max())))
    alt = f"Influence of each pixel; the theoretical receptive field is rows {top}-{bottom}, columns {left}-{right}."
    whole = "display:block;width:100%;image-rendering:pixelated;outline:1px solid rgba(128,128,128,.35)"
    frame = element("div", style=f"position:absolute;{_frame(window, influence.shape)};border:2px solid #2f6fde")
    image = element("img", src=pixels, alt=alt, style=whole)
    return element("div", image, frame, style="position:relative;max-width:17rem")


def _frame(window: tuple[Span, Span], shape: tuple[int, ...]) -> str:
    """The sides of a window of whole pixels as shares of the image, in CSS.

    >>> _frame(((1, 2), (0, 3)), (4, 4))
    'top:25%;height:50%;left:0%;width:100%'
    """
    ((top, bottom), (left, right)), (height, width) = window, shape
    shares = (top / height, (bottom - top + 1) / height, left / width, (right - left + 1) / width)
    names = ("top", "height", "left", "width")
    return ";".join(f"{name}:{100 * share:.6g}%" for name, share in zip(names, shares, strict=True))


def probability_curve(shares: np.ndarray, probabilities: np.ndarray, share: float, smallest: float | None) -> Chart:
    """The probability of a class against the strength of a step, in per cent; `share` is a dot, `smallest` a line."""
    curve = pd.DataFrame({"strength": 100 * shares, "probability": probabilities, "mark": "curve"})
    height = float(np.interp(share, shares, probabilities))
    marks = [{"strength": 100 * share, "probability": height, "mark": "now"}]
    if smallest is not None and smallest <= shares[-1]:
        marks.append({"strength": 100 * smallest, "probability": 0.0, "mark": "smallest"})
    x = number("strength", "Strength (per cent of the range)", ".2f", scale={"domain": [0, 100 * float(shares[-1])]})
    y = number("probability", "Probability", ".3f", scale={"domain": [0, 1]})

    def layer(name: str, mark: dict[str, object], **encoding: object) -> dict[str, object]:
        return {"transform": [{"filter": f"datum.mark === '{name}'"}], "mark": mark, "encoding": encoding}

    layers = [
        layer("curve", {"type": "line", "color": PALETTE[0], "tooltip": True}, x=x, y=y),
        layer("smallest", {"type": "rule", "strokeDash": [4, 4], "color": "#888888"}, x=x),
        layer("now", {"type": "point", "filled": True, "size": 90, "color": PALETTE[1], "tooltip": True}, x=x, y=y),
    ]
    return Chart(pd.concat([curve, pd.DataFrame(marks)], ignore_index=True), {"height": 190, "layer": layers})
