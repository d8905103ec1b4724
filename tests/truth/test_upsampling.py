"""The upsampling page: tiles, counts, sentences and printed program say the same in every state."""

import re

import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core import shapes
from core.layers.upsampling import UPSAMPLINGS, WEIGHTS, write_counts
from core.lessons import upsampling as lab
from playground.charts import upsampling as charts
from playground.upsampling import code_samples, text, views
from playground.upsampling.settings import UpsamplingSettings
from tests.pages.helpers import components, open_page
from tests.truth.isolated import outputs

LAYERS = "tests/core/layers/test_upsampling.py"
ENLARGED = "tests/core/lessons/test_upsampling.py::test_enlarged_picture_is_the_module_applied"
SHOWS = {
    "tiles: the enlarged pictures": ENLARGED,
    "tiles: what becomes of a uniform input": "test_sentence_about_the_checkerboard_follows_the_tile",
    "sentence about the checkerboard": "test_sentence_about_the_checkerboard_follows_the_tile",
    "write counts": "test_drawn_counts_are_those_of_the_sentence",
    "size formula of the transposed convolution": "test_size_formula_adds_up_to_the_size_of_the_tile",
    "formula of each method": f"{LAYERS}::test_forward_and_backward_agree_with_the_slow_reference",
    "Keys' parameter of the bicubic kernel": "test_bicubic_kernel_has_the_parameter_that_the_legend_says",
    "code": "test_program_prints_what_the_tile_says",
    "challenge": "test_challenge_is_solved_where_the_tile_stays_uniform",
    "same and valid: outputs and unused cells": "test_unused_cells_are_those_without_a_gradient",
    "same and valid: windows and hatched cells": "test_hatched_cells_are_those_of_the_sentence",
}

scales, kernels, weights = st.integers(2, 4), st.integers(2, 7), st.sampled_from(WEIGHTS)
rows = st.tuples(st.integers(4, 24), st.integers(1, 7), st.integers(1, 4))
every = settings(max_examples=200, derandomize=True, deadline=None)


@every
@given(scales, kernels, weights)
def test_sentence_about_the_checkerboard_follows_the_tile(scale, kernel, how):
    state = UpsamplingSettings(scale=scale, kernel_size=kernel, weights=how)
    of_ones = views.response_to_ones(state, "Transposed convolution")
    words, tile = text.checkerboard(kernel, scale, how, state.write_counts, of_ones), text.response(of_ones)
    assert tile in words
    assert ("not divisible" in words) == (kernel % scale != 0)
    if "stays uniform" in tile:
        assert "no checkerboard" in words or "make up for it" in words
        assert "That is the checkerboard" not in words
    else:
        assert of_ones[1] - of_ones[0] > 1e-3
        assert "no checkerboard" not in words
        assert f"{of_ones[0]:.3f} to {of_ones[1]:.3f}".replace("-", "−") in words
    if how == "uniform":
        assert ("stays uniform" in tile) == (kernel % scale == 0)


@every
@given(scales, kernels)
def test_drawn_counts_are_those_of_the_sentence(scale, kernel):
    fewest, most = UpsamplingSettings(scale=scale, kernel_size=kernel).write_counts
    inside = write_counts(40, kernel, scale)[20:-20, 20:-20]
    assert (fewest, most) == (int(inside.min()), int(inside.max()))


@every
@given(scales, kernels, st.sampled_from(range(16, 49, 4)))
def test_size_formula_adds_up_to_the_size_of_the_tile(scale, kernel, side):
    state = UpsamplingSettings(scale=scale, kernel_size=kernel, side=side)
    left, right = views.output_size(state).split("=")
    assert eval(left.replace(r"\cdot", "*")) == int(right) == side * scale
    layer = UPSAMPLINGS["Transposed convolution"].build(1, scale, kernel_size=kernel, weights="uniform")
    assert layer(torch.ones(1, 1, side, side)).shape[-1] == side * scale


def test_bicubic_kernel_has_the_parameter_that_the_legend_says():
    def keys(t: float, a: float) -> float:
        t = abs(t)
        if t <= 1:
            return (a + 2) * t**3 - (a + 3) * t**2 + 1
        return a * (t**3 - 5 * t**2 + 8 * t - 4) if t < 2 else 0.0

    row = torch.zeros(1, 1, 9, 9)
    row[..., 4, 4] = 1
    drawn = F.interpolate(row, scale_factor=2, mode="bicubic")[0, 0]
    (legend,) = [symbol for symbol in UPSAMPLINGS["Bicubic"].symbols if "kernel" in symbol]
    pytorch, his = (float(found.replace("−", "-")) for found in re.findall(r"−0\.\d+", legend))
    assert (pytorch, his) == (-0.75, -0.5)
    for i in range(4, 14):
        for j in range(4, 14):
            weight = keys((i + 0.5) / 2 - 0.5 - 4, pytorch) * keys((j + 0.5) / 2 - 0.5 - 4, pytorch)
            assert drawn[i, j].item() == pytest.approx(weight, abs=1e-6)


@every
@given(scales, kernels, weights)
def test_challenge_is_solved_where_the_tile_stays_uniform(scale, kernel, how):
    state = UpsamplingSettings(scale=scale, kernel_size=kernel, weights=how)
    uniform = lab.stays_uniform(views.response_to_ones(state, "Transposed convolution"))
    assert state.is_solved() == (scale == 3 and how == "uniform" and uniform)


@settings(max_examples=250, derandomize=True, deadline=None)
@given(rows, st.integers(1, 3))
def test_unused_cells_are_those_without_a_gradient(row, dilation):
    size, kernel, stride = row
    for name, padding in views.paddings(size, kernel, stride).items():
        assume(size + sum(padding) >= shapes.span(kernel, dilation))
        x = torch.ones(1, 1, size, requires_grad=True)
        y = F.conv1d(F.pad(x, padding), torch.ones(1, 1, kernel), stride=stride, dilation=dilation)
        y.sum().backward()
        unread = shapes.unread_positions(size, kernel, stride, padding, dilation)
        assert [cell for cell in unread if 0 <= cell < size] == (x.grad[0, 0] == 0).nonzero().flatten().tolist()
        words = text.padded_row(name, padding, y.shape[-1], unread, size)
        assert int(re.search(r"(\d+) cells? unused", words).group(1)) == int((x.grad == 0).sum())
        if name == "same" and dilation == 1:
            assert y.shape[-1] == -(-size // stride)


@every
@given(rows)
def test_hatched_cells_are_those_of_the_sentence(row):
    size, kernel, stride = row
    for padding in views.paddings(size, kernel, stride).values():
        assume(size + sum(padding) >= kernel)
        unread = shapes.unread_positions(size, kernel, stride, padding)
        drawn = str(charts.windows(size, kernel, stride, padding, unread, ""))
        assert drawn.count("url(#hatch)") == len(unread)
        assert drawn.count('rx="4"') == shapes.conv_output_size(size, kernel, stride, padding)


@pytest.mark.parametrize(
    ("row", "unused"), [((24, 1, 4), [18, 18, 18]), ((10, 2, 3), [4, 3, 3]), ((9, 4, 2), [1, 0, 0])]
)
def test_unused_cells_of_the_audit(row, unused):
    size, kernel, stride = row
    page = open_page("upsampling", up_n=str(size), up_k=str(kernel), up_s=str(stride))
    assert not page.exception
    found = [re.search(r"(\d+) cells? unused", line.value) for line in page.markdown]
    assert [int(match.group(1)) for match in found if match] == unused


CODED = [
    (UpsamplingSettings(), "Nearest"),
    (UpsamplingSettings(scale=3, picture="china"), "Bilinear"),
    (UpsamplingSettings(scale=4, picture="flower", side=16), "Bicubic"),
    (UpsamplingSettings(), "Transposed convolution"),
    (UpsamplingSettings(scale=3, kernel_size=4, weights="bilinear"), "Transposed convolution"),
    (UpsamplingSettings(scale=3, kernel_size=6, weights="random", picture="camera"), "Transposed convolution"),
    (UpsamplingSettings(kernel_size=4, weights="bilinear", picture="astronaut"), "Pixel shuffle"),
    (UpsamplingSettings(scale=4, weights="random"), "Pixel shuffle"),
]


def test_program_prints_what_the_tile_says(tmp_path):
    printed = outputs([code_samples.enlarge_code(*state) for state in CODED], tmp_path)
    for (state, method), lines in zip(CODED, printed, strict=True):
        shape, ones = lines.splitlines()
        side = state.side * state.scale
        assert shape == str((side, side, 3))
        low, high = views.response_to_ones(state, method)
        assert ones == f"1 becomes {low:.3f} to {high:.3f}"
        note = text.response((low, high))
        assert note in (f"uniform input {ones}".replace("-", "−"), "uniform input stays uniform")


@pytest.mark.parametrize(
    "link",
    [{}, {"up_weights": "Bilinear"}, {"up_weights": "Random", "up_kernel_size": "4"}, {"up_scale": "4"}],
)
def test_page_says_of_the_tile_what_the_sentence_says(link):
    page = open_page("upsampling", **link)
    assert not page.exception
    (words,) = [line.value for line in page.markdown if "away from the border" in line.value]
    tile = str(components(page, "inline_svg"))
    note = re.search(r"uniform input (stays uniform|1 becomes −?[\d.]+ to [\d.]+)", words).group(0).rstrip(".")
    assert note in tile
