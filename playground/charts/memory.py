"""Memory through one iteration: who holds how many bytes while each layer is at work."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from core.profiler.memory.categories import CATEGORIES
from core.profiler.memory.usage import Span
from playground import units
from playground.charts.vega import Chart

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
    "weight copies": "16-bit copies of weights",
    "input": "Input and target",
    "temporaries": "Temporary tensors",
}
HEIGHT = 340
BYTES = "replace(format(datum.value, '.3~s'), regexp('([a-zA-Z]?)$'), ' $1B')"  # kB, MB, GB in powers of 1000
PEAK = "#c8323c"
DEVICE = "#12926b"
QUIET = "#7a8499"  # reads on white and on the dark page
NAMES = [WORDS.get(name, name.capitalize()) for name in CATEGORIES]
COLUMNS = ["of", "place", "middle", "phase", "layer", "said", "fullest", "before", "after", "live", *NAMES, "stamp"]


def timeline(spans: Sequence[Span], capacity: int | None = None) -> Chart:
    """Live bytes at the fullest moment of each stretch, in order, stacked by what they are.

    In the data a row is a mark, and `of` says of which layer of the chart; the specification is the same for all.
    Args: `capacity` of a device, in bytes, is drawn as a line where it is near enough to be seen.
    """
    stretches = [_stretch(place, span) for place, span in enumerate(spans)]
    top = max(span.peak_bytes for span in spans)
    rows = [*stretches, {**stretches[-1], "of": "end", "place": len(spans)}]
    rows += [*_phases(spans, top), _peak(stretches, top)]
    if capacity is not None and capacity < 2.5 * top:
        rows.append({"of": "capacity", "live": capacity, "said": f"device memory: {units.binary(capacity)}"})
    stamp = zlib.crc32(repr(rows).encode())  # where the last column agrees, Streamlit takes more rows for added ones
    return Chart(pd.DataFrame([row | {"stamp": stamp} for row in rows], columns=COLUMNS), _spec())


def legend(spans: Sequence[Span]) -> str:
    """What the colours of `timeline` stand for, as HTML: unlike the chart's own legend, it wraps on a phone."""
    entries = "".join(
        f'<span style="white-space:nowrap"><i style="display:inline-block;width:.75rem;height:.75rem;'
        f'border-radius:.15rem;background:{COLOURS[name]};margin-right:.35rem"></i>{words(name)}</span>'
        for name in _held(spans)
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:.2rem 1rem;font-size:.85rem">{entries}</div>'


def _held(spans: Sequence[Span]) -> list[str]:
    """The kinds of memory that anything is ever of."""
    return [name for place, name in enumerate(CATEGORIES) if any(span.at_peak[place] for span in spans)]


def words(category: str) -> str:
    """What a category is called on a page."""
    return WORDS.get(category, category.capitalize())


def _stretch(place: int, span: Span) -> dict[str, Any]:
    """Its place, its layer in words, its live bytes, and the bytes of each category."""
    return {
        "of": "stretch",
        "place": place,
        "middle": place + 0.5,
        "phase": span.phase,
        "layer": " ".join(part for part in (span.name, span.kind) if part) or span.phase,
        "live": span.peak_bytes,
        "fullest": units.decimal(span.peak_bytes),
        "before": units.decimal(span.start_bytes),
        "after": units.decimal(span.end_bytes),
        **dict(zip(NAMES, span.at_peak, strict=True)),
    }


def _phases(spans: Sequence[Span], top: int) -> Iterator[dict[str, Any]]:
    """Where forward ends and backward begins; and, above those wide enough, their names."""
    begin = 0
    for phase, run in itertools.groupby(spans, lambda span: span.phase):
        end = begin + len(list(run))
        if begin:
            yield {"of": "border", "place": begin}
        if end - begin >= 0.07 * len(spans):
            yield {"of": "phase", "middle": (begin + end) / 2, "live": top * 1.17, "said": phase}
        begin = end


def _peak(stretches: Sequence[dict[str, Any]], top: int) -> dict[str, Any]:
    """The fullest moment of all, named on the side where there is room."""
    fullest = next(row for row in stretches if row["live"] == top)
    said = f"peak {fullest['fullest']}: {fullest['phase']}, {fullest['layer']}"
    side = "left" if fullest["middle"] > 0.6 * len(stretches) else "right"
    return {"of": f"peak, {side}", "middle": fullest["middle"], "live": top, "said": said}


def _spec() -> dict[str, Any]:
    """Areas, borders and names of phases, a line under the pointer, the peak, and the device's memory."""
    x = {"title": None, "axis": {"labels": False, "ticks": False, "grid": False}, "scale": {"nice": False}}
    at, middle = ({"field": name, "type": "quantitative", **x} for name in ("place", "middle"))
    live = {"field": "live", "type": "quantitative"}
    said = {"x": middle, "y": live, "text": {"field": "said"}}
    name = {"type": "text", "fontSize": 13, "fontWeight": 600, "color": PEAK, "dy": -7}
    device = {"type": "text", "align": "left", "dx": 6, "dy": -8, "fontWeight": 600, "color": DEVICE}
    return {
        "height": HEIGHT,
        "layer": [
            _areas(at | {"title": "One training iteration, layer by layer"}),
            _layer("border", {"type": "rule", "strokeDash": [3, 3], "opacity": 0.5}, x=at),
            _layer("phase", {"type": "text", "fontSize": 12, "opacity": 0.8, "color": QUIET}, **said),
            _pointed(middle),
            _layer("peak", {"type": "circle", "size": 70, "opacity": 1, "color": PEAK}, x=middle, y=live),
            _layer("peak, left", name | {"align": "right", "dx": -9}, **said),
            _layer("peak, right", name | {"align": "left", "dx": 9}, **said),
            _layer("capacity", {"type": "rule", "strokeWidth": 2, "strokeDash": [8, 4], "color": DEVICE}, y=live),
            _layer("capacity", device, **said | {"x": {"value": 0}}),
        ],
        "resolve": {"scale": {"color": "independent"}},
    }


def _layer(of: str, mark: dict[str, Any], **encoding: Any) -> dict[str, Any]:
    """Marks for the rows whose `of` begins so."""
    return {
        "transform": [{"filter": f"indexof(datum.of, '{of}') === 0"}],
        "mark": mark,
        "encoding": encoding,
    }


def _areas(x: dict[str, Any]) -> dict[str, Any]:
    """Stacked steps; the last stretch is drawn to its end."""
    colours = {"domain": NAMES, "range": [COLOURS[name] for name in CATEGORIES]}
    bytes_ = {"title": None, "stack": "zero", "axis": {"labelExpr": BYTES, "tickCount": 6}}
    areas = _layer(
        "",
        {"type": "area", "interpolate": "step-after", "opacity": 0.9},
        x=x,
        y={"field": "bytes", "type": "quantitative", **bytes_},
        color={"field": "what", "type": "nominal", "scale": colours, "legend": None},
        order={"field": "order", "type": "quantitative"},
    )
    areas["transform"] = [
        {"filter": "datum.of === 'stretch' || datum.of === 'end'"},
        {"fold": NAMES, "as": ["what", "bytes"]},
        {"calculate": f"indexof({NAMES}, datum.what)", "as": "order"},
    ]
    return areas


def _pointed(x: dict[str, Any]) -> dict[str, Any]:
    """A line under the pointer, with the stretch in words."""
    near = {"type": "point", "on": "pointerover", "nearest": True, "fields": ["place"], "clear": "pointerout"}
    titles = {"phase": "Phase", "layer": "Layer", "fullest": "Peak", "before": "Before", "after": "After"}
    rule = _layer(
        "stretch",
        {"type": "rule", "strokeWidth": 1.5},
        x=x,
        opacity={"condition": {"param": "near", "value": 0.8, "empty": False}, "value": 0},
        tooltip=[{"field": name, "title": title} for name, title in titles.items()],
    )
    return rule | {"params": [{"name": "near", "select": near}]}
