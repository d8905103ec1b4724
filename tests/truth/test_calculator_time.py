"""What the calculator says of time: cards, chart, table and sentences are of the same step."""

import math
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.network_drawing import BOUND_LEGEND
from core.percent import percent
from core.profiler.fitting import DEVICES
from core.profiler.setting import Setting
from core.profiler.timing import StepTime, step_time
from core.profiler.timing.published import SHEETS, published_rates
from core.profiler.timing.rates import BOUNDS, STEP_ERROR
from core.profiler.timing.report import spoken
from playground.calculator import diagram, results, text
from playground.calculator.tabs import time
from playground.charts.step_time import layers
from tests.truth.test_calculator import NORMED, PLAIN, analyzed, settings_of_the_page


@settings(deadline=None, max_examples=60, derandomize=True)
@given(
    st.sampled_from((PLAIN, NORMED)), settings_of_the_page(), st.sampled_from(sorted(DEVICES)), st.integers(1, 10**7)
)
def test_the_time_of_an_epoch_is_that_of_its_steps(net, setting, name, images):
    analysis, device = analyzed(net, setting), DEVICES[name]
    rates = published_rates(device)
    step = step_time(results.recorded(analysis, device), rates)
    steps = -(-images // setting.batch_size)
    assert step.epoch(images) == pytest.approx((steps * step.low, steps * step.seconds, steps * step.high))
    table_row = next(row for row in time.devices(analysis, images).to_dict("records") if row["Device"] == device.title)
    assert table_row["Training step"] == text.span(False, step.low, step.seconds, step.high)
    assert table_row[f"Epoch of {images:,} images"] == text.span(False, *step.epoch(images))
    assert ("not confirmed" in table_row["How it is known"]) == (not SHEETS[name].confirmed_by)
    assert table_row["Waits for"] == text.share_words(step.bounds)
    assert f"of {setting.batch_size:,} images" in text.time_caption(step, setting)
    assert ("passes" in text.time_caption(step, setting)) == (setting.accumulate > 1)


@settings(deadline=None, max_examples=40, derandomize=True)
@given(st.sampled_from((PLAIN, NORMED)), settings_of_the_page(), st.sampled_from(sorted(DEVICES)))
def test_layers_and_sentence_wait_for_the_same(net, setting, name):
    analysis = analyzed(net, setting)
    step = step_time(results.recorded(analysis, DEVICES[name]), published_rates(DEVICES[name]))
    drawn = layers(analysis.rows, step.rows)
    bars = {round(x) - 1: (y, bar.name) for bar in drawn.data for x, y in zip(bar.x, bar.y, strict=True)}
    assert {
        index: (row.seconds, BOUND_LEGEND[row.bound].title) for index, row in enumerate(step.rows) if row.seconds
    } == bars
    drawing = diagram.waits_of(analysis, step).rows
    assert {i: (one.seconds, one.bound) for i, one in drawing.items()} == {
        i: (row.seconds, row.bound) for i, row in enumerate(step.rows)
    }
    of_layers = step.phases["forward"] + step.phases["backward"]
    assert setting.accumulate * sum(row.seconds for row in step.rows) == pytest.approx(of_layers, rel=0.05)
    sentence = text.waits_sentence(step)
    assert all(percent(step.bounds[bound], 0) in sentence for bound in BOUNDS)
    assert sum(step.phases.values()) == pytest.approx(step.seconds)
    assert all(f"{name} {spoken(seconds)}" in text.phases_sentence(step) for name, seconds in step.phases.items())


def test_the_stated_error_of_a_time_is_that_of_the_documented_runs():
    documented = Path("docs/time.md").read_text(encoding="utf-8")
    errors = sorted(abs(float(error)) / 100 for error in re.findall(r"\(([+-]\d+\.\d+) %\)", documented))
    assert len(errors) >= 96
    assert errors[math.ceil(0.9 * len(errors)) - 1] <= STEP_ERROR
    assert f"median error is {100 * errors[len(errors) // 2]:.1f} %" in documented
    for is_measured in (True, False):
        step = StepTime("x", 1.0, 0.5, 2.0, 1, {}, is_measured=is_measured)
        assert (percent(STEP_ERROR, 0) in text.time_caption(step, Setting())) == is_measured


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ((2e-6, 3e-6, 4.4e-6), "2 – 4.4 µs"),
        ((0.5, 0.7, 1.0), "0.5 – 1 s"),
        ((1800, 3000, 7200), "0.5 – 2 h"),
        ((86400, 9e4, 90 * 86400), "1 – 90 days"),
    ],
)
def test_a_range_has_one_unit(times, said):
    assert text.span(False, *times) == said
