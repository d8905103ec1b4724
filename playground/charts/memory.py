"""Memory through one iteration: who holds how many bytes while each layer is at work."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import plotly.graph_objects as go
from markupsafe import escape

from core.profiler.memory.categories import CATEGORIES
from core.profiler.memory.usage import Span
from playground import units
from playground.charts.plotly_template import QUIET, figure, note, rule

COLOURS = {
    "parameters": "#2f6fde",
    "buffers": "#4f7d8c",
    "optimizer": "#5b5fc7",
    "input": "#8a6d00",
    "gradients": "#b0479b",
    "weight copies": "#7aa5ee",
    "kept": "#e8710a",
    "temporaries": "#c8323c",
}
WORDS = {
    "optimizer": "Optimizer state",
    "kept": "Saved activations",
    "weight copies": "Copies of weights",
    "input": "Input and target",
    "temporaries": "Temporary tensors",
}
PEAK = "#de424b"  # reads on white and on the dark page
DEVICE = "#0f7a5a"
HEIGHT = 420  # pixels
NEAR = 2.5  # times the peak: a device with more memory than that would press the areas flat, and is not drawn


def timeline(spans: Sequence[Span], capacity: int | None = None, height: int = HEIGHT) -> go.Figure:
    """Live bytes at the fullest moment of each stretch, in order, stacked by what they are.

    Args: `capacity` of a device, in bytes, is drawn as a line where it is near enough to be seen; `height` in pixels.
    """
    top = max(span.peak_bytes for span in spans)
    categories = [number for number in range(len(CATEGORIES)) if any(span.at_peak[number] for span in spans)]
    has_device = capacity is not None and capacity < NEAR * top
    plain = {"showticklabels": False, "showgrid": False}
    ceiling = max(1.3 * top, 1.08 * capacity if has_device else 0)
    ticks = _ticks(ceiling)
    lines, names = _device(capacity) if has_device else ([], [])
    return figure(
        [_stretches(spans), *(_area(spans, number) for number in categories)],
        height=height,
        xaxis={"title": {"text": "one iteration, layer by layer", "standoff": 24}, "range": [0, len(spans)], **plain},
        yaxis={
            "range": [0, ceiling],
            "tickvals": ticks,
            "ticktext": list(map(units.memory, ticks)),
            "fixedrange": True,
        },
        hovermode="x unified",
        shapes=[*_borders(spans), *lines],
        annotations=[*_phase_names(spans), _peak(spans, top), *names],
        legend={"traceorder": "normal", "y": 1.04},
        margin={"t": 64},
    )


def _ticks(ceiling: float) -> list[int]:
    """Three to six round amounts of memory, in powers of two.

    >>> _ticks(100)
    [0, 32, 64, 96]
    """
    step = 2 ** max(0, math.floor(math.log2(max(ceiling, 1) / 3)))
    return list(range(0, int(ceiling) + 1, step))


def words(category: str) -> str:
    """What a category is called on a page."""
    return WORDS.get(category, category.capitalize())


def _stretches(spans: Sequence[Span]) -> go.Scatter:
    """An invisible line along the top: its label says which layer is at work, and what is live before and after."""
    labels = [[_layer(span), *map(units.memory, (span.peak_bytes, span.start_bytes, span.end_bytes))] for span in spans]
    return go.Scatter(
        x=list(range(len(spans) + 1)),
        y=[span.peak_bytes for span in (*spans, spans[-1])],
        customdata=[*labels, labels[-1]],
        mode="lines",
        line={"width": 0, "shape": "hv"},
        hovertemplate="<b>%{customdata[0]}</b><br>peak %{customdata[1]}, before %{customdata[2]}, "
        "after %{customdata[3]}<extra></extra>",
        showlegend=False,
    )


def _layer(span: Span) -> str:
    """Phase and layer of a stretch; Plotly takes some HTML in texts, and names of layers are not ours."""
    layer = f"{span.name} {span.kind}".strip()
    return str(escape(f"{span.phase}, {layer}" if layer else span.phase))


def _area(spans: Sequence[Span], number: int) -> go.Scatter:
    """One category, as steps; the last stretch is drawn to its end."""
    category, sizes = CATEGORIES[number], [span.at_peak[number] for span in (*spans, spans[-1])]
    return go.Scatter(
        x=list(range(len(spans) + 1)),
        y=sizes,
        name=words(category),
        stackgroup="bytes",
        mode="lines",
        line={"width": 0.5, "shape": "hv", "color": COLOURS[category]},
        fillcolor=COLOURS[category],
        customdata=list(map(units.memory, sizes)),
        hovertemplate="%{customdata}",
    )


def _phases(spans: Sequence[Span]) -> Iterator[tuple[str, int, int]]:
    """Each phase with the places of its first stretch and of the one after its last."""
    begin = 0
    for phase, run in itertools.groupby(spans, lambda span: span.phase):
        end = begin + len(list(run))
        yield phase, begin, end
        begin = end


def _borders(spans: Sequence[Span]) -> list[dict[str, Any]]:
    """Where forward ends and backward begins."""
    return [
        rule(QUIET, "dot", 1, x0=begin, x1=begin, y0=0, y1=1, yref="paper") for _, begin, _ in _phases(spans) if begin
    ]


def _phase_names(spans: Sequence[Span]) -> list[dict[str, Any]]:
    """The names of phases that are wide enough, under the axis."""
    return [
        note(phase, {"size": 12}, x=(begin + end) / 2, y=0, yref="paper", yanchor="top")
        for phase, begin, end in _phases(spans)
        if end - begin >= 0.07 * len(spans)
    ]


def _peak(spans: Sequence[Span], top: int) -> dict[str, Any]:
    """The fullest moment of all, named on the side where there is room."""
    index, span = next((index, span) for index, span in enumerate(spans) if span.peak_bytes == top)
    is_late = index > 0.5 * len(spans)
    return {
        "text": f"<b>peak {units.memory(top)}</b><br>{_layer(span)}",
        "align": "right" if is_late else "left",
        "x": index + 0.5,
        "y": top,
        "xanchor": "right" if is_late else "left",
        "ax": -12 if is_late else 12,
        "ay": -30,
        "arrowcolor": PEAK,
        "font": {"color": PEAK},
    }


def _device(capacity: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A line across at a device's memory, and its name."""
    line = rule(DEVICE, x0=0, x1=1, xref="paper", y0=capacity, y1=capacity)
    where = {"x": 0, "xref": "paper", "xanchor": "left", "y": capacity, "yanchor": "bottom"}
    where |= {"bgcolor": "rgba(255, 255, 255, 0.8)", "borderpad": 1}  # it may lie on an area
    return [line], [note(f"<b>device memory: {units.memory(capacity)}</b>", {"color": DEVICE}, **where)]
