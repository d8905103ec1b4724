"""The time of a training step: a bar a layer, coloured by what the layer waits for."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
from markupsafe import escape

from core.network_drawing import BOUND_LEGEND
from core.profiler import Row
from core.profiler.timing.rates import BOUNDS, Bound
from core.profiler.timing.report import spoken
from core.profiler.timing.step_time import RowTime
from playground import units
from playground.charts.plotly_template import figure

FEW = 24  # layers that are numbered one by one


def layers(rows: Sequence[Row], times: Sequence[RowTime]) -> go.Figure:
    """Seconds of every row, forward and backward, in the order of the calls."""
    ticks = {"tickformat": "d", "dtick": 1} if len(rows) <= FEW else {"tickformat": "d"}
    return figure(
        [_bars(bound, rows, times) for bound in BOUNDS],
        height=360,
        barmode="stack",
        bargap=0.08 if len(rows) < 120 else 0,
        xaxis={
            "title": {"text": "layer, in order"},
            "showgrid": False,
            "range": [0.5, len(rows) + 0.5],
            **ticks,
        },
        yaxis={
            "title": {"text": "forward and backward"},
            "tickformat": ".2~s",
            "ticksuffix": "s",
            "rangemode": "tozero",
        },
        legend={"title": {"text": "waits for"}, "traceorder": "normal", "y": 1.08},
        margin={"t": 48},
    )


def _bars(bound: Bound, rows: Sequence[Row], times: Sequence[RowTime]) -> go.Bar:
    """The layers that wait for one thing."""
    chosen = [index for index, time in enumerate(times) if time.bound == bound and time.seconds]
    return go.Bar(
        x=[index + 1 for index in chosen],
        y=[times[index].seconds for index in chosen],
        name=BOUND_LEGEND[bound].title,
        marker={"color": BOUND_LEGEND[bound].colour, "line": {"width": 0}},
        customdata=[_label(rows[index], times[index]) for index in chosen],
        hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]} forward, %{customdata[2]} backward<br>"
        "%{customdata[3]} MACs per image, output %{customdata[4]}<extra></extra>",
        showlegend=True,
    )


def _label(row: Row, time: RowTime) -> list[str]:
    name = str(escape(f"{row.name} {row.kind}".strip()))  # Plotly takes some HTML, and names of layers are not ours
    times = spoken(time.forward), spoken(time.backward)
    return [name, *times, units.short(row.macs), units.memory(row.output_bytes)]
