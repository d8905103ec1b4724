"""Runs compared: one colour per run, validation solid and training dashed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from core.training.events import Epoch
from playground.components.curves import PALETTE

LOSS, ACCURACY = "Loss", "Accuracy"
GREY = {"symbolStrokeColor": "#8a93a6", "symbolStrokeWidth": 2}


def points(epochs_of: Mapping[str, Sequence[Epoch]], what: str) -> pd.DataFrame:
    """Every run's figures at the end of each epoch, in long form: run, epoch, images, value."""
    rows = [
        (run, epoch.epoch, images, getattr(epoch, f"{short}_{what.lower()}"))
        for run, epochs in epochs_of.items()
        for epoch in epochs
        for images, short in (("validation", "val"), ("training", "train"))
    ]
    return pd.DataFrame(rows, columns=["run", "epoch", "images", "value"])


def overlay_spec(runs: Sequence[str], what: str) -> dict[str, Any]:
    """The Vega-Lite chart for `points`."""
    share = what == ACCURACY
    colours = [PALETTE[place % len(PALETTE)] for place in range(len(runs))]
    shown = ".1%" if share else ".3f"
    encoding = {
        "x": {"field": "epoch", "type": "quantitative", "title": "Epoch", "axis": {"tickMinStep": 1, "format": "d"}},
        "y": {
            "field": "value",
            "type": "quantitative",
            "title": what,
            "scale": {"domain": [0, 1]} if share else {"domainMin": 0},
            "axis": {"format": ".0%" if share else ".2f", "tickCount": 5},
        },
        "color": {
            "field": "run",
            "type": "nominal",
            "scale": {"domain": list(runs), "range": colours},
            "legend": {"title": None, "orient": "top"},
        },
        "strokeDash": {
            "field": "images",
            "type": "nominal",
            "scale": {"domain": ["validation", "training"], "range": [[1, 0], [5, 4]]},
            "legend": {"title": None, "orient": "bottom", "symbolType": "stroke", **GREY},
        },
        "tooltip": [
            {"field": "run", "title": "Run"},
            {"field": "images", "title": "Images"},
            {"field": "epoch", "type": "quantitative", "title": "Epoch"},
            {"field": "value", "type": "quantitative", "title": what, "format": shown},
        ],
    }
    return {"height": 300, "mark": {"type": "line", "point": {"size": 30}, "strokeWidth": 2}, "encoding": encoding}
