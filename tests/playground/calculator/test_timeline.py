"""The chart of memory through an iteration: every byte of a stretch is in it."""

from __future__ import annotations

import numpy as np
import pytest

from core.models import MODELS
from core.profiler import profile
from core.profiler.memory.usage import Span
from playground.charts.memory import timeline


def spans_of(name: str, batch: int, **setting) -> tuple[Span, ...]:
    return profile(MODELS[name].on_meta(), MODELS[name].input_shape, batch, **setting).timeline


@pytest.mark.parametrize("name", ["lenet5", "mobilenet_v2"])
def test_areas_add_up_to_what_is_live(name):
    spans = spans_of(name, 4)
    stretches, *areas = timeline(spans).data
    live = [span.peak_bytes for span in (*spans, spans[-1])]
    assert list(stretches.y) == live
    assert np.sum([area.y for area in areas], axis=0).tolist() == live
    assert {area.stackgroup for area in areas} == {"bytes"}


def test_the_peak_is_named_where_it_is():
    spans = spans_of("lenet5", 4)
    peak = next(note for note in timeline(spans).layout.annotations if note.text.startswith("<b>peak"))
    assert peak.y == max(span.peak_bytes for span in spans)
    assert spans[int(peak.x)].peak_bytes == peak.y


def test_phases_are_named_where_they_are():
    spans = spans_of("lenet5", 4)
    layout = timeline(spans).layout
    borders = [line.x0 for line in layout.shapes]
    assert borders == [place for place in range(1, len(spans)) if spans[place].phase != spans[place - 1].phase]
    names = [note for note in layout.annotations if note.text in {span.phase for span in spans}]
    assert [note.text for note in names] == ["forward", "backward"]
    for note in names:
        assert spans[int(note.x - 0.5)].phase == note.text


@pytest.mark.parametrize(("capacity", "drawn"), [(None, 0), (2.4, 1), (2.6, 0)])
def test_a_device_is_drawn_where_it_is_near(capacity, drawn):
    spans = spans_of("lenet5", 4)
    size = capacity and int(capacity * max(span.peak_bytes for span in spans))
    lines = [line for line in timeline(spans, size).layout.shapes if line.xref == "paper"]
    assert len(lines) == drawn
    assert all(line.y0 == line.y1 == size < timeline(spans, size).layout.yaxis.range[1] for line in lines)


def test_only_what_is_ever_held_has_an_area():
    names = {area.name for area in timeline(spans_of("lenet5", 4)).data[1:]}
    assert "Optimizer state" not in names
    assert "Optimizer state" in {area.name for area in timeline(spans_of("lenet5", 4, optimizer="adam")).data[1:]}
