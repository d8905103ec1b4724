"""Charts that Vega-Lite draws in the browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Chart:
    """What is drawn, and how: where `spec` (Vega-Lite) stays the same, a redraw moves only what the data say.

    A plain dict, since building it with Altair takes 40 ms, at every redraw and for everybody who looks on.
    """

    data: pd.DataFrame
    spec: dict[str, Any]


def number(field: str, title: str, shown: str = "", **rest: Any) -> dict[str, Any]:
    """An encoding of a number; `shown` is its format (D3) in a label, `rest` as Vega-Lite names it."""
    return {"field": field, "type": "quantitative", "title": title, **({"format": shown} if shown else {}), **rest}


def across(field: str, last: int, title: str = "Step") -> dict[str, Any]:
    """The horizontal axis: steps or epochs from 0 to the last of the run."""
    return number(field, title, scale={"domain": [0, last], "nice": False})


def level(value: float, colour: str, **mark: Any) -> dict[str, Any]:
    """A dashed line across, drawn once and not once a point."""
    rule = {"type": "rule", "strokeDash": [4, 4], "color": colour, **mark}
    return {"data": {"values": [{}]}, "mark": rule, "encoding": {"y": {"datum": value}}}
