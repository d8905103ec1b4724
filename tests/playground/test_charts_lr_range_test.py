"""The range test, drawn."""

import math

import pytest

from core.training.lr_range_test import RangeTestStep
from playground.charts.lr_range_test import rate_curve

STEPS = [
    RangeTestStep(0, 0.7, 0.7, 1e-5),
    RangeTestStep(1, 0.5, 0.6, 1e-3),
    RangeTestStep(2, 4.0, 3.0, 0.1),
    RangeTestStep(3, math.nan, math.nan, 10.0),
]


def test_every_finite_step_is_drawn_and_the_suggestion_is_marked():
    figure = rate_curve(STEPS, 1e-5, 10.0, 1e-4)
    dots, line = figure.data
    assert list(dots.x) == list(line.x) == [1e-5, 1e-3, 0.1]
    assert (list(dots.y), list(line.y)) == ([0.7, 0.5, 4.0], [0.7, 0.6, 3.0])
    assert [mark.x0 for mark in figure.layout.shapes] == [1e-4]
    assert figure.layout.yaxis.range == (0, pytest.approx(1.12))
    assert figure.layout.xaxis.range == pytest.approx((-5, 1))


def test_a_search_that_has_just_begun_has_an_empty_chart():
    figure = rate_curve([], 1e-5, 10.0, None)
    assert [len(trace.x) for trace in figure.data] == [0, 0]
    assert not figure.layout.shapes
