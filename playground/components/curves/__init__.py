"""Curves over one x with a cursor: pointer or arrow keys move it, and every curve is read out there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from playground.components import bundle

_mount = bundle.component("curves")

PALETTE = ("#2f6fde", "#e8710a", "#12926b", "#b0479b", "#8a6d00", "#5b5fc7", "#c8323c", "#4f7d8c")


@dataclass(frozen=True)
class Line:
    """One curve: its name, its values on the shared x, and how it is drawn.

    `marks` are ranges of x that are marked in its colour at the bottom of the panel.
    """

    name: str
    y: Sequence[float]
    colour: str
    dash: str = ""
    marks: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True)
class Band:
    """The area between two curves on the shared x, in a pale colour behind the lines."""

    low: Sequence[float]
    high: Sequence[float]
    colour: str


@dataclass(frozen=True)
class Panel:
    """Curves in one panel; `shade` are ranges of x drawn darker, `low` and `high` fix the y axis where given.

    On a `log` axis values that are not positive are gaps, and `low` and `high` are powers of ten.
    """

    title: str
    lines: Sequence[Line]
    shade: Sequence[tuple[float, float]] = ()
    low: float | None = None
    high: float | None = None
    log: bool = False
    bands: Sequence[Band] = ()


def curves(
    x: Sequence[float], panels: Sequence[Panel], key: str, x_name: str = "x", start: float | None = None
) -> None:
    """Panels side by side with one cursor through all of them; moving it needs no server.

    `start` is the x of the cursor at first; where it was moved to stands in the address under `key`. Values are shown
    with five significant digits.
    """
    data = {
        "x": np.asarray(x, dtype=float).tolist(),
        "panels": [_panel(panel) for panel in panels],
        "xName": x_name,
        "start": _number(start),
        "link": key,
    }
    _mount(data=data, key=key)


def _panel(panel: Panel) -> dict[str, object]:
    lines = [asdict(line) | {"y": _plottable(line.y, panel.log)} for line in panel.lines]
    bands = [
        asdict(band) | {"low": _plottable(band.low, panel.log), "high": _plottable(band.high, panel.log)}
        for band in panel.bands
    ]
    data = {"lines": lines, "bands": bands, "low": _number(panel.low), "high": _number(panel.high)}
    return asdict(panel) | data | {"log": bool(panel.log)}  # Streamlit sends types that JSON lacks as text


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def _plottable(values: Sequence[float], log: bool) -> list[float | None]:
    """JSON knows no infinity and no NaN; a gap is drawn where a value is not finite."""
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.log10(np.asarray(values, dtype=float)) if log else np.asarray(values, dtype=float)
    return [value if np.isfinite(value) else None for value in y.tolist()]
