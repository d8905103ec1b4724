"""Finished runs compared: their curves in one colour each, and what differs between them as parallel coordinates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from core.training.events import Epoch
from playground.charts.plotly_template import QUIET, figure
from playground.components.curves import PALETTE

LOSS, ACCURACY = "Loss", "Accuracy"
SPLITS = {"validation": ("val", "solid"), "training": ("train", "dash")}


def curves(epochs_of: Mapping[str, Sequence[Epoch]], what: str) -> go.Figure:
    """`LOSS` or `ACCURACY` after each epoch: a colour for each run, validation solid and training dashed."""
    traces = [
        _curve(run, colour, epochs, what, split)
        for (run, epochs), colour in zip(epochs_of.items(), colours(len(epochs_of)), strict=True)
        for split in SPLITS
    ]
    scale = {"range": [0, 102], "ticksuffix": " %"} if what == ACCURACY else {"rangemode": "tozero"}
    return figure(
        traces,
        height=360,
        xaxis={"title": {"text": "Epoch"}, "tickformat": "d"},
        yaxis={"title": {"text": what}, **scale},
        hovermode="x unified",
    )


def colours(runs: int) -> list[str]:
    return [PALETTE[number % len(PALETTE)] for number in range(runs)]


def _curve(run: str, colour: str, epochs: Sequence[Epoch], what: str, split: str) -> go.Scatter:
    prefix, dash = SPLITS[split]
    unit, shown = (100, ".1f} %") if what == ACCURACY else (1, ".3f}")
    return go.Scatter(
        x=[epoch.epoch for epoch in epochs],
        y=[unit * getattr(epoch, f"{prefix}_{what.lower()}") for epoch in epochs],
        name=f"{run}, {split}",
        legendgroup=run,
        mode="lines+markers" if len(epochs) < 40 else "lines",
        line={"color": colour, "dash": dash, "width": 2},
        marker={"size": 5},
        hovertemplate=f"%{{y:{shown}<extra>{run}, {split}</extra>",
    )


def parallel_coordinates(axes: Mapping[str, Sequence[object]]) -> go.Figure:
    """One line for each run across `axes`: name of a setting or result -> its value in every run, in order.

    Numbers stand at their value, anything else at the position of its word; the last axis colours the lines.
    """
    dimensions = [_dimension(name, values) for name, values in axes.items()]
    runs = len(next(iter(axes.values())))
    line = {"color": list(range(runs)), "colorscale": _steps(colours(runs)), "cmin": -0.5, "cmax": runs - 0.5}
    trace = go.Parcoords(
        dimensions=dimensions, line=line, labelfont={"color": QUIET}, tickfont={"color": QUIET}, rangefont={"size": 1},
        unselected={"line": {"opacity": 0.05}},
    )  # fmt: skip
    return figure([trace], height=320, margin={"l": 60, "r": 60, "t": 56, "b": 24})


def _dimension(name: str, values: Sequence[object]) -> dict[str, Any]:
    """
    >>> _dimension("epochs", [5, 10])["values"], _dimension("optimizer", ["SGD", "Adam", "SGD"])["values"]
    ([5, 10], [0, 1, 0])
    """
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        ticks = sorted(set(values))
        return {"label": name, "values": list(values), "tickvals": ticks, "ticktext": [f"{tick:g}" for tick in ticks]}
    words = list(dict.fromkeys(str(value) for value in values))
    return {
        "label": name,
        "values": [words.index(str(value)) for value in values],
        "tickvals": list(range(len(words))),
        "ticktext": words,
    }


def _steps(palette: Sequence[str]) -> list[list[object]]:
    """A colour scale in steps, one for each run.

    >>> _steps(["red", "blue"])
    [[0.0, 'red'], [0.5, 'red'], [0.5, 'blue'], [1.0, 'blue']]
    """
    width = 1 / len(palette)
    return [[edge * width, colour] for number, colour in enumerate(palette) for edge in (number, number + 1)]
