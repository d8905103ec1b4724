"""The registry of kernels: every entry builds over all its knobs, and is what its name promises."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import PlaygroundError
from core.lessons.kernels import registry
from core.lessons.kernels.editing import EDIT_CAP, HELPERS, from_text, normalized, resized, to_text
from core.lessons.kernels.registry import KERNELS, SIDE_CAP, build
from playground.controls import bounds

SUM_ZERO = (
    "Outline",
    "Sobel",
    "Prewitt",
    "Scharr",
    "Laplacian",
    "Laplacian of Gaussian",
    "Gabor",
    "Horizontal difference",
)
SUM_ONE = ("Identity", "Box blur", "Gaussian blur", "Sharpen", "Emboss", "Motion blur")


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("end", ["low", "default", "high"])
def test_every_kernel_builds_at_every_end_of_its_knobs(name, end):
    knobs = {}
    for key, knob in KERNELS[name].knobs.items():
        if knob.choices:
            knobs[key] = knob.default if end == "default" else knob.choices[0 if end == "low" else -1]
        else:
            low, high, default, _ = bounds(knob)
            knobs[key] = {"low": low, "default": default, "high": high}[end]
    weights = build(name, **knobs)
    assert weights.ndim == 2
    assert max(weights.shape) <= SIDE_CAP
    assert weights.dtype == np.float64
    assert np.isfinite(weights).all()
    if name in SUM_ZERO:
        assert weights.sum() == pytest.approx(0, abs=1e-9)
    if name in SUM_ONE:
        assert weights.sum() == pytest.approx(1, abs=1e-9)


def test_the_lessons_own_kernels():
    assert build("Horizontal difference").tolist() == [[1, 0, -1]]
    outline = np.full((3, 3), -1 / 8)
    outline[1, 1] = 1
    assert (build("Outline") == outline).all()
    assert build("Box blur", size=5) == pytest.approx(np.full((5, 5), 1 / 25))
    line = np.zeros((7, 7))
    line[:, 3] = 1
    assert (build("Vertical line") == line).all()
    assert (build("Horizontal line") == line.T).all()
    assert build("Sobel").tolist() == [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
    assert build("Diagonal mean") == pytest.approx(build("Diagonal") / 9)


@pytest.mark.parametrize("name", ["Sobel", "Prewitt", "Scharr"])
@pytest.mark.parametrize("angle", range(0, 360, 15))
def test_derivatives_are_steerable(name, angle):
    right, down = build(name), build(name, angle=90)
    steered = np.cos(np.radians(angle)) * right + np.sin(np.radians(angle)) * down
    assert build(name, angle=angle) == pytest.approx(steered, abs=1e-9)
    assert (down == right.T).all()


def test_gaussian_is_kornias():
    from kornia.filters import get_gaussian_kernel2d

    theirs = get_gaussian_kernel2d((9, 9), (1.7, 1.7), dtype=torch.float64)[0]
    torch.testing.assert_close(torch.from_numpy(build("Gaussian blur", size=9, sigma=1.7)), theirs)


def test_vertical_motion_blur_is_the_horizontal_one_rotated():
    assert build("Motion blur", angle=90) == pytest.approx(build("Motion blur", angle=0).T)
    assert build("Motion blur", size=5)[2] == pytest.approx(np.full(5, 0.2))
    assert (build("Motion blur", size=5, angle=45)[::-1].diagonal() > 0).all()


def test_what_is_not_in_the_zoo_is_named():
    with pytest.raises(PlaygroundError, match="no kernel called 'Sobol'"):
        build("Sobol")
    with pytest.raises(PlaygroundError, match="its knobs are angle"):
        build("Sobel", size=3)


grids = st.integers(1, EDIT_CAP).flatmap(
    lambda columns: st.lists(
        st.lists(st.floats(-100, 100, width=16), min_size=columns, max_size=columns), min_size=1, max_size=EDIT_CAP
    ).map(np.array)
)


@given(grids)
@settings(deadline=None, max_examples=60)
def test_text_and_back(weights):
    assert from_text(to_text(weights)) == pytest.approx(weights, rel=1e-5)


@given(grids, st.integers(1, 9), st.integers(1, 9))
@settings(deadline=None, max_examples=60)
def test_resized_keeps_the_middle(weights, height, width):
    new = resized(weights, height, width)
    assert new.shape == (height, width)
    if height >= weights.shape[0] and width >= weights.shape[1]:
        assert np.abs(new).sum() == pytest.approx(np.abs(weights).sum())
        assert resized(new, *weights.shape) == pytest.approx(weights)


@given(grids)
@settings(deadline=None, max_examples=40)
def test_helpers_do_what_they_say(weights):
    for name, helper in HELPERS.items():
        assert sorted(np.shape(helper(weights))) == sorted(weights.shape), name
    symmetric = HELPERS["Symmetrize left–right"](weights)
    assert symmetric == pytest.approx(symmetric[:, ::-1])
    assert HELPERS["Make the sum 0"](weights).sum() == pytest.approx(0, abs=1e-6)
    if abs(weights.sum()) > 1e-3:
        assert normalized(weights).sum() == pytest.approx(1, rel=1e-6)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has no numbers"),
        ("1 2; 3", "The rows of the kernel have 2 and 1 numbers"),
        ("1 x", "'x' in the kernel is not a number"),
        ("1/0", "'1/0'"),
        ("nan", "'nan'"),
        ("1e99", "'1e99'"),
        ("; ".join(["1 " * 20] * 20), "remove rows or columns"),
    ],
)
def test_bad_text_is_told(text, says):
    with pytest.raises(PlaygroundError) as error:
        from_text(text)
    assert says in str(error.value)


def test_tidy_leaves_no_negative_zero():
    assert not np.signbit(registry.tidy(np.array([-0.0, -1e-15]))).any()
