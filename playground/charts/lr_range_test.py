"""The loss against the learning rate, while the rate is raised step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.training.lr_range_test import RangeTestStep
from playground.charts.plotly_template import MARK, QUIET, figure
from playground.components.curves import PALETTE

ROOM = 1.6  # times the highest smoothed loss before the lowest: what comes after that has blown up, and is cut


def rate_curve(steps: Sequence[RangeTestStep], low: float, high: float, rate: float | None) -> go.Figure:
    """Each batch's loss as a dot and their moving average as a line, over rates from `low` to `high`; `rate` marked."""
    finite = [step for step in steps if np.isfinite(step.loss) and np.isfinite(step.smooth)]
    rates = [step.rate for step in finite]
    dots = go.Scatter(
        x=rates, y=[step.loss for step in finite], name="Loss of the batch", mode="markers",
        marker={"size": 4, "color": QUIET}, hovertemplate="%{y:.3f}",
    )  # fmt: skip
    line = go.Scatter(
        x=rates, y=[step.smooth for step in finite], name="Moving average", mode="lines",
        line={"width": 2.5, "color": PALETTE[0]}, hovertemplate="%{y:.3f}",
    )  # fmt: skip
    return figure(
        [dots, line],
        height=300,
        xaxis={
            "title": {"text": "learning rate (log scale)"},
            "type": "log",
            "range": np.log10([low, high]).tolist(),
            "dtick": 1,
            "hoverformat": ".2g",
        },
        yaxis={"title": {"text": "loss"}, "range": [0, top_of(finite)]},
        hovermode="x unified",
        shapes=[_mark(rate)] if rate else [],
        annotations=[_name(rate)] if rate else [],
    )


def top_of(steps: Sequence[RangeTestStep]) -> float:
    """How high the chart goes.

    >>> top_of([RangeTestStep(0, 0.7, 0.7, 1e-5), RangeTestStep(1, 0.5, 0.6, 1e-4), RangeTestStep(2, 90.0, 9.0, 1e-3)])
    1.12
    """
    if not steps:
        return 1.0
    lowest = min(range(len(steps)), key=lambda number: steps[number].smooth)
    return round(ROOM * max(step.smooth for step in steps[: lowest + 1]), 6)


def _mark(rate: float) -> dict[str, Any]:
    """A vertical line at the suggestion."""
    line = {"color": MARK, "width": 2, "dash": "dash"}
    return {"type": "line", "x0": rate, "x1": rate, "y0": 0, "y1": 1, "yref": "paper", "line": line}


def _name(rate: float) -> dict[str, Any]:
    where = {"x": float(np.log10(rate)), "y": 1, "yref": "paper", "xanchor": "right", "yanchor": "top", "xshift": -4}
    return {"text": f"suggestion {rate:.2g}", "showarrow": False, "font": {"color": MARK}, **where}
