"""The loss against the learning rate, while the rate is raised step by step."""

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


def rate_curve(found: Sequence[RangeTestStep], low: float, high: float, rate: float | None) -> Chart:
    """Each batch's loss as a dot and their moving average as a line, over rates from `low` to `high`; `rate` marked."""
    kept = [step for step in found if np.isfinite(step.loss) and np.isfinite(step.smooth)]
    columns = {"rate": [s.rate for s in kept], "loss": [s.loss for s in kept], "smooth": [s.smooth for s in kept]}
    return Chart(pd.DataFrame(columns, dtype=float), _spec(low, high, top_of(kept), rate))


def top_of(found: Sequence[RangeTestStep]) -> float:
    """How high the chart goes.

    >>> top_of([RangeTestStep(0, 0.7, 0.7, 1e-5), RangeTestStep(1, 0.5, 0.6, 1e-4), RangeTestStep(2, 90.0, 9.0, 1e-3)])
    1.12
    """
    if not found:
        return 1.0
    lowest = min(range(len(found)), key=lambda place: found[place].smooth)
    return round(ROOM * max(step.smooth for step in found[: lowest + 1]), 6)


def _spec(low: float, high: float, top: float, rate: float | None) -> dict[str, Any]:
    decades = [10.0**power for power in range(math.ceil(math.log10(low)) + 1, math.floor(math.log10(high)) + 1, 2)]
    axis = {"values": decades, "labelExpr": "format(datum.value, '~f')", "labelOverlap": True}
    scale = {"type": "log", "domain": [low, high], "nice": False}
    x = {"field": "rate", "type": "quantitative", "title": "learning rate (loss upwards)", "scale": scale, "axis": axis}
    y = {"type": "quantitative", "title": None, "scale": {"domain": [0, top]}, "axis": {"tickCount": 4}}
    told = [
        {"field": "rate", "type": "quantitative", "format": ".2~g", "title": "learning rate"},
        {"field": "loss", "type": "quantitative", "format": ".3f", "title": "loss of the batch"},
        {"field": "smooth", "type": "quantitative", "format": ".3f", "title": "moving average"},
    ]
    dots = {
        "mark": {"type": "circle", "size": 14, "color": FAINT, "clip": True},
        "encoding": {"x": x, "y": y | {"field": "loss"}, "tooltip": told},
    }
    line = {
        "mark": {"type": "line", "strokeWidth": 2, "color": LINE, "clip": True},
        "encoding": {"x": x, "y": y | {"field": "smooth"}},
    }
    return {"height": 190, "layer": [dots, line, *([_mark(rate)] if rate else [])]}


def _mark(rate: float) -> dict[str, Any]:
    """An upright line at the suggestion."""
    rule = {"type": "rule", "strokeDash": [4, 4], "color": MARK, "strokeWidth": 2, "clip": True}
    tooltip = {"datum": rate, "type": "quantitative", "format": ".2~g", "title": "suggestion"}
    return {"data": {"values": [{}]}, "mark": rule, "encoding": {"x": {"datum": rate}, "tooltip": tooltip}}
