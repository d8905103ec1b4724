"""Colours of outputs, and images as text."""

import numpy as np
import pytest

from core.lessons.kernels.registry import build
from playground.charts import pictures
from playground.charts.theme import rgb


def test_white_is_the_output_for_a_white_image():
    three = np.repeat(build("Vertical line")[None], 3, axis=0)
    y = np.ones((1, 4, 4), np.float32)
    assert pictures.colours_of(y, three, summed=True) == ("picture", 21.0)
    assert pictures.colours_of(y, three, summed=False) == ("picture", 7.0)
    assert pictures.colours_of(y, build("Sharpen")[None], summed=True) == ("picture", pytest.approx(1.0))


def test_signed_outputs_are_symmetric_about_zero():
    y = np.linspace(-3, 2, 1000).reshape(1, 10, 100)
    kind, bound = pictures.colours_of(y, build("Outline")[None], summed=True)
    assert kind == "signed"
    assert 2.9 < bound <= 3
    assert pictures.signed(np.zeros((1, 1))).tolist() == [[[255, 255, 255]]]
    assert pictures.bound_of(np.zeros(4)) == 1.0


def test_a_thumbnail_is_the_signed_picture_in_255_steps():
    values = np.random.default_rng(0).normal(size=(20, 30))
    small = np.asarray(pictures.thumbnail(values, 2.0).convert("RGB")).astype(int)
    assert np.abs(small - rgb(values, 2.0)).max() <= 4


def test_tiles_escape_their_text():
    html = pictures.tiles([pictures.Tile(np.zeros((1, 1), np.uint8), "<i>c</i>", 'a"<b>')])
    assert 'alt="a&#34;&lt;b&gt;"' in html
    assert "&lt;i&gt;c&lt;/i&gt;</figcaption>" in html
