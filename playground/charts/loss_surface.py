"""The loss surface in three dimensions, with the optimizers' paths on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import plotly.graph_objects as go

from playground.charts.plotly_template import figure
from playground.components.loss_surface import SurfaceFrame, Track

SURFACE = [[0, "#0b3c8c"], [0.5, "#5b92ea"], [1, "#eef4ff"]]  # the deeper, the darker
HeightOf = Callable[[np.ndarray, np.ndarray], np.ndarray]  # x (n,), y (n,) -> height (n,)
DASHES = {"": "solid", "6 5": "dash", "2 3": "dot"}


def surface_3d(heights: np.ndarray, frame: SurfaceFrame, tracks: Sequence[Track], height_of: HeightOf) -> go.Figure:
    """The surface as the map shows it, and each track lifted a little above it, so that no slope hides it.

    Args: heights (rows, columns), top row first, in 0..1; `height_of(x, y)` gives the same height at any points.
    """
    rows, columns = heights.shape
    x, y = np.linspace(*frame.x, columns), np.linspace(frame.y[1], frame.y[0], rows)
    ground = go.Surface(
        x=x, y=y, z=heights, colorscale=SURFACE, showscale=False, opacity=0.92, name="loss",
        contours={"z": {"show": True, "color": "rgba(255,255,255,0.5)", "start": 0, "end": 1, "size": 0.08}},
        hovertemplate="x %{x:.2f}<br>y %{y:.2f}<extra></extra>",
    )  # fmt: skip
    paths = [_path(track, frame, height_of) for track in tracks]
    scene = {
        "xaxis": {"title": {"text": "x"}},
        "yaxis": {"title": {"text": "y"}},
        "zaxis": {"title": {"text": "loss (log scale)"}, "showticklabels": False},
        "aspectratio": {"x": 1.3, "y": 1, "z": 0.65},
        "camera": {"eye": {"x": -1.3, "y": -1.45, "z": 0.95}},
    }
    return figure([ground, *paths], height=520, scene=scene, uirevision="the view stays when a setting moves")


def _path(track: Track, frame: SurfaceFrame, height_of: HeightOf) -> go.Scatter3d:
    """The points of a track that lie over the picture."""
    points = np.asarray(track.points, dtype=float)
    (left, right), (low, high) = frame.x, frame.y
    inside = (points[:, 0] >= left) & (points[:, 0] <= right) & (points[:, 1] >= low) & (points[:, 1] <= high)
    x, y = points[inside].T
    return go.Scatter3d(
        x=x, y=y, z=height_of(x, y) + 0.012, name=track.name, mode="lines+markers",
        line={"color": track.colour, "width": 6, "dash": DASHES.get(track.dash, "solid")}, marker={"size": 2.5},
        customdata=np.flatnonzero(inside), hovertemplate=f"{track.name}, step %{{customdata}}<extra></extra>",
    )  # fmt: skip
