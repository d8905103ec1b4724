"""ROC and precision-recall curves with the point of the present threshold, and that threshold's confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from core.training.evaluation.thresholds import BinaryCounts, ThresholdCurve
from playground.charts.plotly_template import MARK, QUIET
from playground.charts.theme import DATA_SCALE, css_colour, rgb, text_colour
from playground.charts.vega import Chart, number
from playground.markup import element, style_sheet

POINTS = 240  # of a curve: more cannot be told apart, and each travels with every move of the slider
LINE = DATA_SCALE[1][1]
CURVE, POINT = "curve", "threshold"


def roc_curve(curve: ThresholdCurve, at: BinaryCounts, threshold: float) -> Chart:
    """True positive rate over false positive rate; dashed: scores that say nothing."""
    point = at.false_positive_rate, at.recall
    frame = _frame(curve, np.asarray(curve.false_positive_rate), np.asarray(curve.recall), point, threshold)
    names = "False positive rate", "Recall (true positive rate)"
    return Chart(frame, _spec(*names, [(0.0, 0.0), (1.0, 1.0)]))


def precision_recall_curve(curve: ThresholdCurve, at: BinaryCounts, threshold: float) -> Chart:
    """Precision over recall; dashed: scores that say nothing, whose precision is the share of positive images."""
    frame = _frame(curve, np.asarray(curve.recall), np.asarray(curve.precision), (at.recall, at.precision), threshold)
    positive, negative = int(curve.true_positives[-1]), int(curve.false_positives[-1])
    share = positive / max(1, positive + negative)
    return Chart(frame, _spec("Recall", "Precision", [(0.0, share), (1.0, share)]))


def thinned(values: Sequence[object], most: int = POINTS) -> np.ndarray:
    """Indices of at most so many points, evenly spaced, both ends among them.

    >>> thinned(range(5), 3).tolist()
    [0, 2, 4]
    """
    return np.unique(np.linspace(0, len(values) - 1, min(most, len(values))).round().astype(int))


def _frame(
    curve: ThresholdCurve, x: np.ndarray, y: np.ndarray, point: tuple[float | None, float | None], threshold: float
) -> pd.DataFrame:
    keep = thinned(range(len(x)))
    limits = np.minimum(np.asarray(curve.thresholds)[keep], 1.0)
    frame = pd.DataFrame({"x": x[keep], "y": y[keep], "threshold": limits, "of": CURVE})
    if None not in point:
        frame.loc[len(frame)] = [*point, threshold, POINT]
    return frame.dropna()


def _spec(x: str, y: str, chance: list[tuple[float, float]]) -> dict[str, Any]:
    domain = {"scale": {"domain": [0, 1]}, "axis": {"format": ".1f", "tickCount": 6}}
    encoding = {
        "x": number("x", x, **domain),
        "y": number("y", y, **domain),
        "order": {"field": "threshold", "sort": "descending"},
        "tooltip": [number("threshold", "Threshold", ".3f"), number("x", x, ".3f"), number("y", y, ".3f")],
    }
    dashed = {
        "data": {"values": [{"x": left, "y": right} for left, right in chance]},
        "mark": {"type": "line", "strokeDash": [4, 4], "color": QUIET},
        "encoding": {"x": {"field": "x", "type": "quantitative"}, "y": {"field": "y", "type": "quantitative"}},
    }
    line = {
        "transform": [{"filter": f"datum.of === '{CURVE}'"}],
        "mark": {"type": "line", "strokeWidth": 2.5, "color": LINE, "interpolate": "linear"},
        "encoding": encoding,
    }
    dot = {
        "transform": [{"filter": f"datum.of === '{POINT}'"}],
        "mark": {"type": "circle", "size": 160, "color": MARK, "opacity": 1},
        "encoding": encoding,
    }
    return {"height": 270, "layer": [dashed, line, dot]}


STYLE = style_sheet("""
.binary{border-collapse:separate;border-spacing:3px;width:100%;max-width:30rem;margin:0}
.binary th{font-weight:600;text-align:left;padding:.3rem .5rem;overflow-wrap:anywhere}
.binary td{text-align:center;padding:.6rem .4rem;border-radius:.3rem;font-variant-numeric:tabular-nums}
.binary td b{display:block;font-size:1.25rem}
""")


def binary_matrix(counts: BinaryCounts, positive: str, negative: str) -> Markup:
    """The confusion matrix of a threshold as a table: rows true classes, columns predictions, as dark as its share of
    the row.
    """
    rows = (
        (positive, counts.true_positives, counts.false_negatives, "true positives", "false negatives"),
        (negative, counts.false_positives, counts.true_negatives, "false positives", "true negatives"),
    )
    columns = (element("th", f"predicted {name}", scope="col") for name in (positive, negative))
    head = element("tr", element("td"), columns)
    body = []
    for name, left, right, *titles in rows:
        whole = max(1, left + right)
        cells = (_cell(count, count / whole, title) for count, title in zip((left, right), titles, strict=True))
        body.append(element("tr", element("th", f"true {name}", scope="row"), cells))
    return STYLE + element("table", head, body, class_="binary")


def _cell(count: int, share: float, title: str) -> Markup:
    colour = rgb(np.array(-share), 1.0)
    style = f"background:{css_colour(colour)};color:{text_colour(colour)}"
    return element("td", element("b", f"{count:,}"), title, style=style)
