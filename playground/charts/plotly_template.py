"""One look for all Plotly charts, in light and in dark: transparent, our fonts, our signed scale, few buttons."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from playground.charts.theme import DATA_SCALE
from playground.components.curves import PALETTE

QUIET = "#7a8499"  # reads on white and on the dark page
GRID = "rgba(122, 132, 153, 0.25)"
MARK = "#e8710a"

_AXIS = {"gridcolor": GRID, "linecolor": QUIET, "zerolinecolor": QUIET, "zeroline": False, "automargin": True}
_AXIS_3D = {"gridcolor": GRID, "backgroundcolor": "rgba(0, 0, 0, 0)", "color": QUIET}

TEMPLATE = go.layout.Template(
    layout={
        "colorway": PALETTE,
        "colorscale": {"diverging": [list(stop) for stop in DATA_SCALE]},
        "paper_bgcolor": "rgba(0, 0, 0, 0)",
        "plot_bgcolor": "rgba(0, 0, 0, 0)",
        "font": {"color": QUIET, "size": 13},
        "hoverlabel": {"font": {"size": 13}},
        "margin": {"l": 8, "r": 8, "t": 34, "b": 8},
        "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0, "title": {"text": ""}},
        "xaxis": _AXIS,
        "yaxis": _AXIS,
        "scene": {f"{axis}axis": _AXIS_3D for axis in "xyz"},
        "modebar": {"bgcolor": "rgba(0, 0, 0, 0)", "color": QUIET, "activecolor": MARK},
    }
)


def figure(traces: list[Any], height: int, **layout: Any) -> go.Figure:
    """Traces in our template; `layout` as Plotly names it."""
    return go.Figure(traces, go.Layout(template=TEMPLATE, height=height, **layout))


def rule(colour: str, dash: str = "dash", width: int = 2, **ends: Any) -> dict[str, Any]:
    """A straight line between `ends`, as Plotly names them."""
    return {"type": "line", "line": {"color": colour, "width": width, "dash": dash}, **ends}


def note(text: str, font: dict[str, Any], **rest: Any) -> dict[str, Any]:
    """Words in the chart without an arrow; `rest` as Plotly names it."""
    return {"text": text, "showarrow": False, "font": font, **rest}


def config(name: str) -> dict[str, Any]:
    """The buttons of a chart: zoom, reset, and a picture that is saved as `name`.svg. The wheel scrolls the page."""
    return {
        "displaylogo": False,
        "scrollZoom": False,
        "modeBarButtonsToRemove": ["lasso2d", "select2d", "autoScale2d"],
        "toImageButtonOptions": {"format": "svg", "filename": name},
    }
