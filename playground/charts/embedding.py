"""Images as points by their last features: a colour for each class, crosses where the prediction is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from markupsafe import escape

from playground.charts.plotly_template import QUIET, figure
from playground.components.curves import PALETTE

LEGEND = 12  # classes up to which each has a line in it


@dataclass(frozen=True, eq=False)
class EmbeddedImages:
    """Points (N, 2) with the `index` of each image in the dataset, its class and its predicted class (N,).

    `is_suspect` (N,) marks those among images of other classes.
    """

    points: np.ndarray
    index: np.ndarray
    labels: np.ndarray
    predicted: np.ndarray
    is_suspect: np.ndarray
    classes: Sequence[str]


def scatter(images: EmbeddedImages, axes: tuple[str, str]) -> go.Figure:
    """The points; choosing some selects points whose `customdata` begins with the image's index."""
    traces = [_ring(images)] if images.is_suspect.any() else []
    for label, name in enumerate(images.classes):
        for is_wrong in (False, True):
            inside = (images.labels == label) & ((images.predicted != label) == is_wrong)
            if inside.any():
                traces.append(_points(images, inside, label, name, is_wrong))
    plain = {"showgrid": False, "zeroline": False, "showticklabels": False}
    return figure(
        traces,
        height=520,
        xaxis={"title": {"text": axes[0]}, **plain},
        yaxis={"title": {"text": axes[1]}, **plain},
        dragmode="select",
        clickmode="event+select",
    )


def _points(images: EmbeddedImages, inside: np.ndarray, label: int, name: str, is_wrong: bool) -> go.Scatter:
    colour, few = PALETTE[label % len(PALETTE)], len(images.classes) <= LEGEND
    title = str(escape(name))
    predicted = [str(escape(images.classes[one])) for one in images.predicted[inside]]
    marker = {"symbol": "x", "size": 9} if is_wrong else {"symbol": "circle", "size": 7, "opacity": 0.75}
    return go.Scatter(
        x=images.points[inside, 0], y=images.points[inside, 1], mode="markers",
        name=f"{title}, predicted wrongly" if is_wrong else title, showlegend=few,
        customdata=list(zip(images.index[inside].tolist(), predicted, strict=True)),
        marker={"color": colour, **marker},
        hovertemplate=f"true {title}<br>predicted %{{customdata[1]}}<br>image %{{customdata[0]}}<extra></extra>",
    )  # fmt: skip


def _ring(images: EmbeddedImages) -> go.Scatter:
    """Circles around the images that lie among other classes; drawn first, so that a click meets the image."""
    x, y = images.points[images.is_suspect].T
    return go.Scatter(
        x=x, y=y, mode="markers", name="Among other classes", hoverinfo="skip",
        marker={"symbol": "circle-open", "size": 17, "color": QUIET, "line": {"width": 2}},
    )  # fmt: skip


def selected_images(state: object, known: Sequence[int]) -> list[int]:
    """Indices of the images that the browser sent as selection; a browser can send anything.

    >>> selected_images({"selection": {"points": [{"customdata": [7, "cat"]}, {"customdata": [8, "cat"]}, {}]}}, [7])
    [7]
    """
    try:
        points = list(state["selection"]["points"])  # type: ignore[index]
    except (TypeError, KeyError):
        return []
    chosen = []
    for point in points:
        data = point.get("customdata") if isinstance(point, dict) else None
        first = data[0] if isinstance(data, list | tuple) and data else None
        if type(first) is int and first in known and first not in chosen:
            chosen.append(first)
    return chosen
