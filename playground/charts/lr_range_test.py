"""The loss against the learning rate, while the rate is raised step by step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.training.lr_range_test import RangeTestStep
from playground.charts.plotly_template import MARK, QUIET, figure, note, rule
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
    ends, marks, names = np.log10([low, high]).tolist(), [], []
    ticks = {"dtick": 1, "hoverformat": ".2g"}
    if rate:
        marks = [rule(MARK, x0=rate, x1=rate, y0=0, y1=1, yref="paper")]
        corner = {"y": 1, "yref": "paper", "xanchor": "right", "yanchor": "top", "xshift": -4}
        names = [note(f"suggestion {rate:.2g}", {"color": MARK}, x=float(np.log10(rate)), **corner)]
    return figure(
        [dots, line],
        height=300,
        xaxis={"title": {"text": "learning rate (log scale)"}, "type": "log", "range": ends, **ticks},
        yaxis={"title": {"text": "loss"}, "range": [0, top_of(finite)]},
        hovermode="x unified",
        shapes=marks,
        annotations=names,
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
