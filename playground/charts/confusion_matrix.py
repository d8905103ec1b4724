"""A confusion matrix: counts in cells, each as dark as its share of its row; many classes are a map to zoom."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from markupsafe import escape

from playground.charts.plotly_template import MARK, figure
from playground.charts.theme import DATA_SCALE, rgb, text_colour

Cell = tuple[int, int]  # true class, predicted class
SCALE = [[2 * (0.5 - stop), colour] for stop, colour in reversed(DATA_SCALE) if stop <= 0.5]  # white at 0, blue at 1


def confusion_matrix(counts: Sequence[Sequence[int]], classes: Sequence[str], chosen: Cell) -> go.Figure:
    """Images by their true class (row) and their prediction (column); `chosen` is framed.

    Args: counts (K, K); a click on a cell selects the point of the second trace that lies on it, row by row.
    """
    table = np.array(counts)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    percent = 100 * shares
    names, titles = [str(escape(_short(name))) for name in classes], [str(escape(name)) for name in classes]
    ink = text_colour(rgb(-shares, 1.0))
    columns, rows = (axis.ravel() for axis in np.meshgrid(range(len(classes)), range(len(classes))))
    cells = go.Heatmap(
        z=percent, zmin=0, zmax=100, colorscale=SCALE, xgap=2, ygap=2, hoverinfo="skip",
        colorbar={"title": {"text": "Share of the row"}, "ticksuffix": " %", "thickness": 12},
    )  # fmt: skip
    labels = go.Scatter(
        x=columns, y=rows, mode="markers+text", text=[f"{count:,}" for count in table.ravel()],
        textfont={"color": ink.ravel().tolist()}, marker={"size": 26, "opacity": 0, "symbol": "square"},
        customdata=[[titles[i], titles[j], f"{percent[i, j]:.1f} %"] for i, j in zip(rows, columns, strict=True)],
        hovertemplate="true %{customdata[0]}<br>predicted %{customdata[1]}<br>%{text} images, %{customdata[2]} of the"
        " class<extra></extra>",
        selected={"marker": {"opacity": 0}}, unselected={"marker": {"opacity": 0}}, showlegend=False,
    )  # fmt: skip
    row, column = chosen
    frame = {"type": "rect", "x0": column - 0.48, "x1": column + 0.48, "y0": row - 0.48, "y1": row + 0.48}
    ticks = {"tickvals": list(range(len(names))), "ticktext": names, "showgrid": False, "constrain": "domain"}
    return figure(
        [cells, labels],
        height=min(130 + 46 * len(classes), 760),
        xaxis={"title": {"text": "Predicted class"}, "side": "top", **ticks},
        yaxis={"title": {"text": "True class"}, "autorange": "reversed", **ticks},
        shapes=[{**frame, "line": {"color": MARK, "width": 3}}],
        clickmode="event+select",
        dragmode="zoom",
        margin={"t": 60},
    )


def confusion_map(counts: Sequence[Sequence[int]], classes: Sequence[str], chosen: Cell | None = None) -> go.Figure:
    """The same for many classes: no numbers in the cells, and only as many names as fit, more of them when zoomed.

    Args: counts (K, K) of the classes shown; the share of a row is that of what is shown.
    """
    table = np.array(counts)
    percent = np.round(100 * table / np.maximum(table.sum(axis=1, keepdims=True), 1), 1).astype(np.float32)
    names = _distinct([str(escape(name)) for name in classes])
    cells = go.Heatmap(
        z=percent, x=names, y=names, customdata=table, zmin=0, zmax=100, colorscale=SCALE,
        colorbar={"title": {"text": "Share of the row"}, "ticksuffix": " %", "thickness": 12},
        hovertemplate="true %{y}<br>predicted %{x}<br>%{customdata} images, %{z} % of the class<extra></extra>",
    )  # fmt: skip
    axis = {"type": "category", "showgrid": False, "constrain": "domain", "tickfont": {"size": 10}}
    frames = []
    if chosen is not None:
        row, column = chosen
        edges = {"x0": column - 0.5, "x1": column + 0.5, "y0": row - 0.5, "y1": row + 0.5}
        frames = [{"type": "rect", **edges, "line": {"color": MARK, "width": 2}}]
    return figure(
        [cells],
        height=620,
        xaxis={"title": {"text": "Predicted class"}, "side": "top", "tickangle": -60, **axis},
        yaxis={"title": {"text": "True class"}, "autorange": "reversed", **axis},
        shapes=frames,
        dragmode="zoom",
        margin={"t": 60},
    )


def _distinct(names: Sequence[str]) -> list[str]:
    """Short names where they still tell the classes apart, else the whole ones: an axis joins equal ones."""
    short = [_short(name) for name in names]
    return short if len(set(short)) == len(names) else list(names)


def cell_of(state: object, classes: int) -> Cell | None:
    """What the browser sent as selection, if it is a cell of the matrix; a browser can send anything.

    >>> cell_of({"selection": {"points": [{"x": 1, "y": 0}]}}, 2), cell_of({"selection": {"points": []}}, 2)
    ((0, 1), None)
    """
    try:
        point = state["selection"]["points"][0]  # type: ignore[index]
        row, column = point["y"], point["x"]
    except (TypeError, IndexError, KeyError):
        return None
    is_cell = all(type(index) is int and 0 <= index < classes for index in (row, column))
    return (row, column) if is_cell else None


def _short(name: str, most: int = 18) -> str:
    """
    >>> _short("cat"), _short("yorkshire terrier puppy")
    ('cat', 'yorkshire terrier…')
    """
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"
