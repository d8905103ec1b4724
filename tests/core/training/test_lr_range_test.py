"""What is suggested after a range test."""

import math

import numpy as np
import pytest

from core.training.lr_range_test import RangeTestStep, moving_average, suggestion


def curve(losses):
    """Steps with these losses, each at 1.2 times the rate of the last."""
    return [
        RangeTestStep(number, loss, moving_average(losses[: number + 1]), 1e-5 * 1.2**number)
        for number, loss in enumerate(losses)
    ]


def test_the_suggestion_is_a_tenth_of_where_the_loss_is_lowest():
    falling = [0.7] * 20 + [0.7 - 0.02 * step for step in range(30)] + [0.2 * 1.5**step for step in range(10)]
    found = curve(falling)
    lowest = min(found, key=lambda step: step.smooth)
    assert lowest.rate / 10 <= suggestion(found) <= 1.2**2 * lowest.rate / 10


def test_where_the_loss_hardly_falls_the_luck_of_the_first_batches_is_no_suggestion():
    rng = np.random.default_rng(5)
    flat = [0.62, *(0.7 + 0.03 * rng.standard_normal(60)), *(0.8 * 1.3**step for step in range(12))]
    found = curve(flat)
    assert min(found, key=lambda step: step.smooth).rate < 1e-4, "that luck is there"
    assert found[50].rate / 10 <= suggestion(found) <= found[64].rate / 10


def test_a_loss_that_is_no_number_at_once_has_no_suggestion():
    assert suggestion([RangeTestStep(0, 0.7, 0.7, 1e-5), RangeTestStep(1, math.nan, math.nan, 2e-5)]) == pytest.approx(
        1e-6
    )
    with pytest.raises(ValueError, match="empty"):
        suggestion([RangeTestStep(0, math.nan, math.nan, 1e-5)])
