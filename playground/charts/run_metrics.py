"""Measurements of a run, drawn: updates and gradients of each layer over time, learning rate, speed and memory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.training.events import Snapshot, TrainingStep
from playground.charts.theme import DATA_SCALE
from playground.charts.vega import Chart, across, level, number

COLUMNS = 60  # of a heat map: more cannot be distinguished
USUAL = 1e-3  # an update that is about a thousandth of its weights is a common rule of thumb
DECADES = 2.0  # either side of it, at which the colours end
LINE = "#2f6fde"

MEASURES = {
    "Updates": "update_ratio",
    "Gradients": "gradient_norm",
}


def layer_heat_map(snapshots: Sequence[Snapshot], all_steps: int, measure: str) -> Chart:
    """A heat map: a row per layer, a column per snapshot, over the steps of the whole run.

    "update_ratio" is coloured by how many decades it lies from `USUAL`, "gradient_norm" by its own decades. A layer
    that does not change at all has no colour.
    """
    shown = _thinned(snapshots)
    ends = [snapshot.step for snapshot in shown]
    rows = [
        {"from": float(start), "to": float(snapshot.step), "layer": layer.name, "value": getattr(layer, measure)}
        for start, snapshot in zip([0, *ends], shown, strict=False)
        for layer in snapshot.layers
    ]
    frame = pd.DataFrame(rows, columns=["from", "to", "layer", "value"])
    frame = frame[np.isfinite(frame["value"].to_numpy(float)) & (frame["value"].to_numpy(float) > 0)]
    logs = np.log10(frame["value"].to_numpy(float))
    frame["decades"] = logs - (math.log10(USUAL) if measure == "update_ratio" else 0.0)
    names = list(dict.fromkeys(layer.name for snapshot in shown[-1:] for layer in snapshot.layers))
    return Chart(frame, _heat(all_steps, names, measure))


def _thinned(snapshots: Sequence[Snapshot]) -> list[Snapshot]:
    """At most `COLUMNS` of them, equally spaced, the last one always."""
    bundle = max(1, math.ceil(len(snapshots) / COLUMNS))
    return list(snapshots[::-1][::bundle][::-1])


def _heat(all_steps: int, names: Sequence[str], measure: str) -> dict[str, Any]:
    if measure == "update_ratio":
        stops = [DECADES * (2 * stop - 1) for stop, _ in DATA_SCALE]
        colours = {"domain": stops, "range": [colour for _, colour in DATA_SCALE]}
        colours |= {"clamp": True, "interpolate": "rgb"}
        legend = {"title": None, "values": [-2, 0, 2], "labelExpr": "format(pow(10, datum.value - 3), '~g')"}
    else:
        colours, legend = {"zero": False}, {"title": None, "labelExpr": "format(pow(10, datum.value), '.1~g')"}
    axis = {"labelLimit": 120, "labelOverlap": False}
    legend |= {"orient": "top", "gradientLength": 260, "gradientThickness": 10}
    return {
        "height": {"step": 20},
        "mark": {"type": "rect"},
        "encoding": {
            "x": across("from", all_steps),
            "x2": {"field": "to"},
            "y": {"field": "layer", "type": "nominal", "title": None, "sort": list(names), "axis": axis},
            "color": {"field": "decades", "type": "quantitative", "scale": colours, "legend": legend},
            "tooltip": [
                {"field": "layer", "title": "Layer"},
                number("to", "Step", ",.0f"),
                number("value", measure.replace("_", " ").capitalize(), ".2~g"),
            ],
        },
    }


def learning_rates(steps: Sequence[TrainingStep], all_steps: int) -> Chart:
    bundle = max(1, math.ceil(len(steps) / 240))
    shown = steps[bundle - 1 :: bundle]
    return _line(
        [step.step for step in shown], [step.learning_rate for step in shown], all_steps, "Learning rate", "~g"
    )


def speeds(steps: Sequence[int], values: Sequence[float], all_steps: int) -> Chart:
    """Training images per second, validation and pauses of the machine included."""
    return _line(steps, values, all_steps, "Images per second", ",.0f")


def memory(steps: Sequence[int], peaks: Sequence[int], all_steps: int, predicted: int | None) -> Chart:
    """The most memory so far in megabytes (10^6), and a dashed line where it was predicted to be."""
    chart = _line(steps, [peak / 1e6 for peak in peaks], all_steps, "Memory (MB)", ",.0f")
    if predicted is None:
        return chart
    curve = {name: chart.spec[name] for name in ("mark", "encoding")}
    layers = [level(predicted / 1e6, "#e8710a", strokeWidth=2), curve]
    return Chart(chart.data, {"height": chart.spec["height"], "layer": layers})


def _line(steps: Sequence[float], values: Sequence[float], all_steps: int, title: str, shown: str) -> Chart:
    frame = pd.DataFrame({"step": [float(s) for s in steps], "value": [float(v) for v in values]})
    encoding = {
        "x": across("step", all_steps),
        "y": number("value", title, scale={"domainMin": 0}, axis={"format": shown, "tickCount": 4}),
        "tooltip": [number("step", "Step", ",.0f"), number("value", title, shown)],
    }
    mark = {"type": "line", "strokeWidth": 2, "color": LINE}
    return Chart(frame, {"height": 190, "mark": mark, "encoding": encoding})
