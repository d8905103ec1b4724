"""Curves are true means of true steps, and the tables and cards show the counts they were given."""

import base64
import io
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.training import Epoch, TrainingStep
from playground.charts.training import (
    CaptionedImage,
    accuracy_curves,
    cards,
    loss_curves,
    smoothed,
    thinned,
    thumbnail,
)

EPOCHS = [Epoch(e, 4 * e, 0.7, 0.5, 0.6 / e, 0.4 + e / 10, ((3, 1), (2, 4)), 100.0) for e in (1, 2)]


def steps_of(losses):
    return [TrainingStep(1, i + 1, loss, i % 2, 0.1, 8 * (i + 1)) for i, loss in enumerate(losses)]


@given(st.lists(st.floats(0, 10), min_size=1, max_size=90), st.integers(1, 40))
@settings(deadline=None, max_examples=60)
def test_thinning_keeps_the_mean_and_the_last_step(losses, points):
    at, means, _ = thinned(steps_of(losses), points)
    assert len(at) == len(means) <= points
    sizes = np.diff(np.append(0, at))
    assert (means * sizes).sum() == pytest.approx(sum(losses))
    assert at[-1] == len(losses)
    assert len(set(sizes[:-1])) <= 1


def test_a_short_curve_is_not_thinned():
    at, losses, _ = thinned(steps_of([0.7, 0.6, 0.5]))
    assert at.tolist() == [1, 2, 3]
    assert losses.tolist() == [0.7, 0.6, 0.5]
    assert all(len(part) == 0 for part in thinned([]))


def test_smoothing_is_the_mean_of_the_last_values():
    assert smoothed(np.array([1.0, 2.0, 6.0, 7.0]), 2).tolist() == [1.0, 1.5, 4.0, 6.5]


@pytest.mark.parametrize(("curves", "guess"), [(loss_curves, math.log(2)), (accuracy_curves, 0.5)])
def test_curves_grow_while_their_spec_stays(curves, guess):
    early = curves(steps_of([0.7, 0.6]), [], 8, 2)
    late = curves(steps_of([0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.1]), EPOCHS, 8, 2)
    assert early.spec == late.spec
    assert early.spec["layer"][0]["encoding"]["y"]["datum"] == guess
    assert len(early.data) == 2
    validation = late.data[late.data["of"] == "validation"]
    wanted = [e.val_loss if curves is loss_curves else e.val_accuracy for e in EPOCHS]
    assert validation["value"].tolist() == wanted
    assert validation["step"].tolist() == [4, 8]


def test_a_loss_that_is_no_number_has_no_point():
    assert loss_curves(steps_of([0.7, math.inf, math.nan]), [], 3, 2).data["value"].tolist() == [0.7]


def test_a_card_holds_the_picture_itself():
    picture = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    inside = thumbnail(picture).removeprefix("data:image/webp;base64,")
    assert Image.open(io.BytesIO(base64.b64decode(inside))).size == (16, 16)
    grid = cards(
        [CaptionedImage(thumbnail(picture), 'a "dog" <b>', 0.25, False), CaptionedImage(thumbnail(picture), "cat")]
    )
    assert "width:25.0%" in grid
    assert "✗ a &#34;dog&#34; &lt;b&gt;" in grid
    assert grid.count('class="bar"') == 1
