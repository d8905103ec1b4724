"""A learning-rate schedule over the steps of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from playground.charts.plotly_template import QUIET, figure
from playground.components.curves import PALETTE


def schedules(rates_of: Mapping[str, Sequence[float]], chosen: str) -> go.Figure:
    """The learning rate of every step: the chosen schedule, and the others to be switched on."""
    traces = [
        go.Scatter(
            y=list(rates),
            name=name,
            mode="lines",
            line={"color": PALETTE[0], "width": 3} if name == chosen else {"color": QUIET, "width": 1.5},
            visible=True if name == chosen else "legendonly",
            hovertemplate=f"step %{{x}}: %{{y:.3g}}<extra>{name}</extra>",
        )
        for name, rates in rates_of.items()
    ]
    return figure(
        traces,
        height=320,
        xaxis={"title": {"text": "step"}},
        yaxis={"title": {"text": "learning rate"}, "rangemode": "tozero"},
    )
