"""The chart of memory through an iteration: every byte of a stretch is in it, and only its data ever change."""

from __future__ import annotations

import pytest

from core.models import MODELS
from core.profiler import profile
from core.profiler.memory.usage import Span
from playground.charts.memory import COLUMNS, NAMES, timeline


def found(name: str, batch: int, **setting) -> tuple[Span, ...]:
    return profile(MODELS[name].on_meta(), MODELS[name].input_shape, batch, **setting).timeline


@pytest.mark.parametrize("name", ["lenet5", "mobilenet_v2"])
def test_areas_add_up_to_what_is_live(name):
    spans = found(name, 4)
    data = timeline(spans).data
    stretches = data[data["of"] == "stretch"]
    assert stretches["live"].tolist() == [span.peak_bytes for span in spans]
    assert (stretches[NAMES].sum(axis=1) == stretches["live"]).all()
    peak = data[data["of"].str.startswith("peak")]
    assert peak["live"].tolist() == [max(span.peak_bytes for span in spans)]


def test_phases_are_named_where_they_are():
    spans = found("lenet5", 4)
    data = timeline(spans).data
    borders = data.loc[data["of"] == "border", "place"].tolist()
    assert borders == [place for place in range(1, len(spans)) if spans[place].phase != spans[place - 1].phase]
    for _, row in data[data["of"] == "phase"].iterrows():
        assert spans[int(row["middle"] - 0.5)].phase == row["said"]


@pytest.mark.parametrize(("capacity", "drawn"), [(None, 0), (2.4, 1), (2.6, 0)])
def test_a_device_is_drawn_where_it_is_near(capacity, drawn):
    spans = found("lenet5", 4)
    size = capacity and int(capacity * max(span.peak_bytes for span in spans))
    assert (timeline(spans, size).data["of"] == "capacity").sum() == drawn


def test_a_redraw_moves_the_areas_alone_and_adds_no_rows_to_others():
    one, other = timeline(found("lenet5", 4)), timeline(found("alexnet", 8, optimizer="adam"), 1)
    assert one.spec == other.spec
    assert list(one.data.columns) == list(other.data.columns) == COLUMNS
    assert one.data.iloc[0, -1] != other.data.iloc[0, -1]
