"""A confusion matrix: counts in cells, each as dark as its share of its row."""

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
