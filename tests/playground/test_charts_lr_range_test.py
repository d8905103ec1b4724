"""The range test, drawn."""

import math

import pytest

from core.training.lr_range_test import RangeTestStep
from playground.charts.lr_range_test import rate_curve

FOUND = [
    RangeTestStep(0, 0.7, 0.7, 1e-5),
    RangeTestStep(1, 0.5, 0.6, 1e-3),
    RangeTestStep(2, 4.0, 3.0, 0.1),
    RangeTestStep(3, math.nan, math.nan, 10.0),
]


def test_every_finite_step_is_drawn_and_the_suggestion_is_marked():
    chart = rate_curve(FOUND, 1e-5, 10.0, 1e-4)
    assert chart.data["rate"].tolist() == [1e-5, 1e-3, 0.1]
    assert chart.data["loss"].tolist() == [0.7, 0.5, 4.0]
    marks = [layer["encoding"]["x"]["datum"] for layer in chart.spec["layer"] if "datum" in layer["encoding"]["x"]]
    assert marks == [1e-4]
    assert chart.spec["layer"][0]["encoding"]["y"]["scale"]["domain"] == [0, pytest.approx(1.12)]


def test_a_search_that_has_just_begun_has_an_empty_chart():
    chart = rate_curve([], 1e-5, 10.0, None)
    assert chart.data.empty
    assert len(chart.spec["layer"]) == 2
