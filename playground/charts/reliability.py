"""Reliability diagrams: how often the predictions of each confidence are right."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from core.training.evaluation.calibration import ReliabilityBin
from playground.charts.plotly_template import MARK, QUIET, figure, rule
from playground.charts.theme import DATA_SCALE


def reliability_diagram(bins: Sequence[ReliabilityBin]) -> go.Figure:
    """Accuracy of each bin as a bar and its confidence as a mark on it; on the dashed diagonal both are equal."""
    filled = [one for one in bins if one.images]
    middles, width = [(one.low + one.high) / 2 for one in filled], 1 / max(1, len(bins))
    about = [[f"{one.low:.1f} to {one.high:.1f}", f"{one.images:,}", one.confidence] for one in filled]
    text = "%{customdata[1]} images with confidence %{customdata[0]}<br>"
    bars = go.Bar(
        x=middles, y=[one.accuracy for one in filled], width=width * 0.92, name="Accuracy", customdata=about,
        marker={"color": DATA_SCALE[1][1]}, hovertemplate=text + "accuracy %{y:.3f}<extra></extra>",
    )  # fmt: skip
    marks = go.Scatter(
        x=middles, y=[one.confidence for one in filled], mode="markers", name="Mean confidence", customdata=about,
        marker={"symbol": "line-ew", "size": 22, "line": {"width": 3, "color": MARK}},
        hovertemplate=text + "mean confidence %{y:.3f}<extra></extra>",
    )  # fmt: skip
    return figure(
        [bars, marks],
        height=330,
        xaxis={"title": {"text": "Confidence"}, "range": [0, 1], "dtick": 0.2},
        yaxis={"title": {"text": "Accuracy"}, "range": [0, 1.02], "dtick": 0.2},
        shapes=[rule(QUIET, x0=0, y0=0, x1=1, y1=1)],
    )
