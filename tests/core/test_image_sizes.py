"""Pictures made smaller: to a side, to a square, the fast way; and what the page prints of it is the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.images import SAMPLES, open_picture, open_square, resize, sample, to_square
from core.images.center_crop import PHOTOGRAPHS, square, square_program
from tests.core.test_images import encoded


@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 200))
@settings(deadline=None, max_examples=30)
def test_resize_makes_the_longer_side_as_asked(height, width, side):
    shape = resize(np.full((height, width, 3), 9, np.uint8), side).shape
    assert max(shape[:2]) == side
    assert min(shape) >= 1


def test_squashing_keeps_flat_colours_and_all_of_the_picture():
    assert (to_square(np.full((30, 90, 3), 77, np.uint8), 16) == 77).all()
    halves = np.zeros((10, 90), np.uint8)
    halves[:, 45:] = 255
    assert to_square(halves, 2).tolist() == pytest.approx(np.array([[0, 255]] * 2), abs=70)


def test_the_fast_way_sees_nearly_the_same_picture():
    data = encoded(sample("china"), "JPEG", quality=95)
    fast, slow = open_square(data, 64).astype(int), to_square(open_picture(data), 64).astype(int)
    assert abs(fast - slow).mean() < 3


@pytest.mark.parametrize("name", SAMPLES)
def test_the_printed_expression_of_a_sample_is_the_sample(name):
    one, names = SAMPLES[name], {"np": np}
    exec(one.needs, names)
    array = eval(one.code, names)
    assert array.dtype == np.uint8
    assert np.array_equal(array, sample(name))


@pytest.mark.parametrize("name", PHOTOGRAPHS)
@pytest.mark.parametrize("colour", [False, True])
def test_the_printed_square_is_the_square(name, colour):
    needs, lines = square_program(name, 37, colour)
    names = {}
    exec("\n".join((*needs, lines)), names)
    assert np.array_equal(names["picture"], square(name, 37, colour))
