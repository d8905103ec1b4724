"""Memory through one iteration: who holds how many bytes while each layer is at work."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from core.profiler.memory.categories import CATEGORIES
from core.profiler.memory.usage import Span
from playground import units

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
    "optimizer": "optimizer state",
    "kept": "kept for backward",
    "weight copies": "16-bit copies of weights",
    "input": "input and target",
}
HEIGHT = 340
BYTES = "replace(format(datum.value, '.3~s'), regexp('([a-zA-Z]?)$'), ' $1B')"  # kB, MB, GB in powers of 1000
PEAK = "#c8323c"
QUIET = "#7a8499"  # reads on white and on the dark page


def timeline(spans: Sequence[Span], capacity: int | None = None) -> alt.LayerChart:
    """Live bytes at the fullest moment of each stretch, in order, stacked by what they are.

    Args: `capacity` of a device, in bytes, is drawn as a line where it is near enough to be seen.
    """
    frame = _frame(spans)
    shown = _held(spans)
    top = int(frame["live"].max())
    layers = [_areas(frame, shown), _phases(frame, top), _rules(frame), _peak(frame)]
    if capacity is not None and capacity < 2.5 * top:
        layers.append(_capacity(capacity))
    return alt.layer(*layers).properties(height=HEIGHT).resolve_scale(color="independent")


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
    return WORDS.get(category, category)


def _frame(spans: Sequence[Span]) -> pd.DataFrame:
    """A row a stretch: its place, its layer in words, its live bytes, and a column a category."""
    rows = [
        {
            "place": place,
            "end": place + 1,
            "phase": span.phase,
            "layer": " ".join(part for part in (span.name, span.kind) if part) or span.phase,
            "live": span.peak_bytes,
            "fullest": units.decimal(span.peak_bytes),
            "before": units.decimal(span.start_bytes),
            "after": units.decimal(span.end_bytes),
            **dict(zip(CATEGORIES, span.at_peak, strict=True)),
        }
        for place, span in enumerate(spans)
    ]
    return pd.DataFrame(rows)


def _x(title: str | None = None) -> alt.X:
    axis = alt.Axis(labels=False, ticks=False, grid=False)
    return alt.X("place:Q", title=title, axis=axis, scale=alt.Scale(nice=False))


def _areas(frame: pd.DataFrame, shown: list[str]) -> alt.Chart:
    """Stacked steps; the last stretch is drawn to its end."""
    drawn = pd.concat([frame, frame.tail(1).assign(place=frame["end"].max())])[["place", *shown]]
    drawn = drawn.rename(columns={name: words(name) for name in shown})
    names = [words(name) for name in shown]
    colour = alt.Color(
        "what:N",
        scale=alt.Scale(domain=names, range=[COLOURS[name] for name in shown]),
        legend=None,
    )
    return (
        alt.Chart(drawn)
        .transform_fold(names, as_=["what", "bytes"])
        .transform_calculate(order=f"indexof({names}, datum.what)")
        .mark_area(interpolate="step-after", opacity=0.9)
        .encode(
            x=_x("one iteration, layer after layer"),
            y=alt.Y("bytes:Q", stack="zero", title=None, axis=alt.Axis(labelExpr=BYTES, tickCount=6)),
            color=colour,
            order=alt.Order("order:Q"),
        )
    )


def _phases(frame: pd.DataFrame, top: int) -> alt.LayerChart:
    """Where forward ends and backward begins, with their names above."""
    runs = frame.groupby((frame["phase"] != frame["phase"].shift()).cumsum(), sort=False)
    bands = runs.agg(phase=("phase", "first"), place=("place", "min"), end=("end", "max")).reset_index(drop=True)
    bands["middle"], bands["top"] = (bands["place"] + bands["end"]) / 2, top * 1.17
    wide = bands[bands["end"] - bands["place"] >= 0.07 * frame["end"].max()]
    lines = alt.Chart(bands.iloc[1:]).mark_rule(strokeDash=[3, 3], opacity=0.5).encode(x=_x())
    names = alt.Chart(wide).mark_text(fontSize=12, opacity=0.8, color=QUIET)
    return lines + names.encode(x="middle:Q", y="top:Q", text="phase:N")


def _rules(frame: pd.DataFrame) -> alt.Chart:
    """A line under the pointer, with the stretch in words."""
    near = alt.selection_point(on="pointerover", nearest=True, fields=["place"], empty=False, clear="pointerout")
    columns = ["place", "phase", "layer", "fullest", "before", "after"]
    tips = [alt.Tooltip("phase:N"), alt.Tooltip("layer:N"), alt.Tooltip("fullest:N", title="at its fullest")]
    tips += [alt.Tooltip("before:N"), alt.Tooltip("after:N")]
    base = alt.Chart(frame[columns].assign(middle=frame["place"] + 0.5)).mark_rule(strokeWidth=1.5)
    return base.encode(
        x="middle:Q", opacity=alt.condition(near, alt.value(0.8), alt.value(0)), tooltip=tips
    ).add_params(near)


def _peak(frame: pd.DataFrame) -> alt.LayerChart:
    """The fullest moment of all, named."""
    top = frame.loc[[frame["live"].idxmax()]].assign(middle=lambda row: row["place"] + 0.5)
    right = bool(top["place"].iloc[0] > 0.6 * frame["end"].max())
    top["said"] = f"peak {top['fullest'].iloc[0]}: {top['phase'].iloc[0]}, {top['layer'].iloc[0]}"
    base = alt.Chart(top).encode(x="middle:Q", y="live:Q")
    text = base.mark_text(
        align="right" if right else "left", dx=-9 if right else 9, dy=-7, fontSize=13, fontWeight=600, color=PEAK
    )
    return base.mark_circle(size=70, color=PEAK, opacity=1) + text.encode(text="said:N")


def _capacity(capacity: int) -> alt.LayerChart:
    line = alt.Chart(pd.DataFrame({"live": [capacity], "said": [f"the device: {units.binary(capacity)}"]}))
    rule = line.mark_rule(strokeWidth=2, strokeDash=[8, 4], color="#12926b").encode(y="live:Q")
    text = line.mark_text(align="left", dx=6, dy=-8, color="#12926b", fontWeight=600)
    return rule + text.encode(y="live:Q", x=alt.value(0), text="said:N")
