"""The loss over the learning rate, which is raised step by step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.training.lr_range_test import RangeTestStep
from playground.charts.run_metrics import LINE
from playground.charts.vega import Chart

FAINT, MARK = "#8a93a6", "#e8710a"
ROOM = 1.6  # times the highest smoothed loss before the lowest: what comes after that has blown up, and is cut


def rate_curve(steps: Sequence[RangeTestStep], low: float, high: float, rate: float | None) -> Chart:
    """Each batch's loss as a dot and their moving average as a line, over rates from `low` to `high`; `rate` marked."""
    finite = [step for step in steps if np.isfinite(step.loss) and np.isfinite(step.smooth)]
    columns = {name: [getattr(step, name) for step in finite] for name in ("rate", "loss", "smooth")}
    return Chart(pd.DataFrame(columns, dtype=float), _spec(low, high, top_of(finite), rate))


def top_of(steps: Sequence[RangeTestStep]) -> float:
    """How high the chart goes.

    >>> top_of([RangeTestStep(0, 0.7, 0.7, 1e-5), RangeTestStep(1, 0.5, 0.6, 1e-4), RangeTestStep(2, 90.0, 9.0, 1e-3)])
    1.12
    """
    if not steps:
        return 1.0
    lowest = min(range(len(steps)), key=lambda number: steps[number].smooth)
    return round(ROOM * max(step.smooth for step in steps[: lowest + 1]), 6)


def _spec(low: float, high: float, top: float, rate: float | None) -> dict[str, Any]:
    decades = [10.0**power for power in range(math.ceil(math.log10(low)) + 1, math.floor(math.log10(high)) + 1, 2)]
    axis = {"values": decades, "labelExpr": "format(datum.value, '~f')", "labelOverlap": True}
    scale = {"type": "log", "domain": [low, high], "nice": False}
    x = {
        "field": "rate",
        "type": "quantitative",
        "title": "Learning rate (vertical: loss)",
        "scale": scale,
        "axis": axis,
    }
    y = {"type": "quantitative", "title": None, "scale": {"domain": [0, top]}, "axis": {"tickCount": 4}}
    tooltip = [
        {"field": "rate", "type": "quantitative", "format": ".2~g", "title": "Learning rate"},
        {"field": "loss", "type": "quantitative", "format": ".3f", "title": "Loss on the batch"},
        {"field": "smooth", "type": "quantitative", "format": ".3f", "title": "Moving average"},
    ]
    dots = {
        "mark": {"type": "circle", "size": 14, "color": FAINT, "clip": True},
        "encoding": {"x": x, "y": y | {"field": "loss"}, "tooltip": tooltip},
    }
    line = {
        "mark": {"type": "line", "strokeWidth": 2, "color": LINE, "clip": True},
        "encoding": {"x": x, "y": y | {"field": "smooth"}},
    }
    return {"height": 190, "layer": [dots, line, *([_mark(rate)] if rate else [])]}


def _mark(rate: float) -> dict[str, Any]:
    """A vertical line at the suggestion."""
    rule = {"type": "rule", "strokeDash": [4, 4], "color": MARK, "strokeWidth": 2, "clip": True}
    tooltip = {"datum": rate, "type": "quantitative", "format": ".2~g", "title": "Suggestion"}
    return {"data": {"values": [{}]}, "mark": rule, "encoding": {"x": {"datum": rate}, "tooltip": tooltip}}
