"""The kernels page: captions, formulas, bars, sentences and printed programs say what is computed in every state."""

import math
import re
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ShapeError
from core.images import sample
from core.knobs import knobs_of
from core.lessons.kernels.analysis import edge_response, frequency_response, kernel_cost, separate
from core.lessons.kernels.combination import Combination, respond
from core.lessons.kernels.denoising import FILTERS, DenoisingSetup
from core.lessons.kernels.filtering import DEPTHWISE, ConvSettings, as_planes
from core.lessons.kernels.hidden_kernel import (
    CONVERGED_LOSS,
    Descent,
    DescentStep,
    Puzzle,
    condition_number,
    descend,
    hidden_kernel,
    input_and_output,
)
from core.lessons.kernels.preprocessing import Preprocessing
from core.lessons.kernels.presets import PRESETS
from core.lessons.kernels.registry import KERNELS, build
from playground.charts import pictures as drawing
from playground.kernels import denoising, kernel_controls, text
from playground.kernels.hidden_kernel import SHOWN_PUZZLE
from tests.pages.helpers import formulas, open_page

PAGE, FILTERING = "tests/pages/test_kernels.py", "tests/core/lessons/kernels/test_filtering.py"
PROGRAMS = "tests/truth/test_kernels_programs.py"
SHOWS = {
    "presets and what they say": "test_a_preset_speaks_only_of_its_own_state",
    "numbers in what the presets say": "test_what_presets_say_is_so",
    "output over its input": f"{PAGE}::test_printed_code_gives_the_shown_output",
    "size formula": "test_size_formulas_are_the_size_of_the_output",
    "frequency response": "test_frequency_response_is_that_of_the_dilated_kernel",
    "is it separable: the two vectors": f"{FILTERING}::test_factors_give_the_kernel_and_the_rank_is_pytorchs",
    "is it separable: the sentence, and the bars of what it costs": "test_separability_says_what_the_bars_say",
    "challenge: vertical edges only": "test_edge_response_is_the_strongest_of_all_channels",
    "challenge: half the size": f"{PAGE}::test_challenges_of_one_kernel",
    "code of one kernel": f"{PROGRAMS}::test_programs_of_one_kernel_give_its_output",
    "first conv block: maps and numbers of values": f"{PROGRAMS}::test_programs_of_the_block_print_the_shapes",
    "first conv block: code": f"{PROGRAMS}::test_programs_of_the_block_print_the_shapes",
    "first conv block: challenge": f"{PAGE}::test_block_challenge",
    "denoising: PSNR in formula, bars and challenge": "test_psnr_of_formula_and_bars_is_one_number",
    "denoising: mean and median of one white pixel": "test_one_white_pixel",
    "denoising: code": f"{PROGRAMS}::test_programs_of_denoising_print_the_psnr",
    "hidden kernel: error, least squares, challenge": (
        f"{PAGE}::test_hidden_kernel_solved_by_hand_by_least_squares_and_by_learning"
    ),
    "hidden kernel: how gradient descent ended": "test_sentence_on_the_descent_has_the_reason_that_holds",
    "hidden kernel: code": f"{PROGRAMS}::test_programs_of_the_descent_print_its_end",
}
every = settings(max_examples=200, derandomize=True, deadline=None)
fixed = st.sampled_from(sorted(name for name in KERNELS if name not in ("Gabor", "Gaussian blur")))


def knob_value(knob):
    if knob.choices:
        return st.sampled_from(tuple(knob.choices))
    if isinstance(knob.default, bool):
        return st.booleans()
    return st.integers(int(knob.low), int(knob.high)).map(lambda n: n - n % (knob.step or 1))


def configs(kind):
    return st.builds(kind, **{name: knob_value(knob) for name, knob in knobs_of(kind).items()})


convs = configs(ConvSettings)


@every
@given(st.sampled_from(tuple(PRESETS)), st.data())
def test_a_preset_speaks_only_of_its_own_state(name, data):
    state = kernel_controls.preset_state(PRESETS[name])
    assert kernel_controls.current_preset(state) == name
    limits = {f"p_{field}": knob for field, knob in knobs_of(Preprocessing).items()}
    limits |= {f"w_{field}": knob for field, knob in knobs_of(ConvSettings).items()}
    limits |= {f"c_{field}": knob for field, knob in knobs_of(Combination).items()}
    key = data.draw(st.sampled_from(sorted(limits)))
    value = data.draw(knob_value(limits[key]))
    spoken = kernel_controls.current_preset(state | {key: value})
    assert (spoken == name) == (value == state[key])


def test_what_presets_say_is_so():
    def shown(name):
        preset = PRESETS[name]
        picture = Preprocessing(colour=preset.colour)(sample(preset.picture))
        kernel = build(preset.kernel, **preset.knobs)
        y = respond(picture, kernel[None], ConvSettings(padding=preset.padding), Combination(preset.channels)).y
        return picture, y, preset.shows

    picture, y, words = shown("Step edge")
    assert f"{'×'.join(map(str, picture.shape))} in, {'×'.join(map(str, y.shape[1:]))} out" in words
    assert sorted(set(np.nonzero(y[0])[1])) == [int(n) for n in re.findall(r"columns (\d+) and (\d+)", words)[0]]
    assert set(np.unique(y)) == {0, 1}
    for name in ("Letter X", "Letter X, mean"):
        picture, y, words = shown(name)
        assert picture.shape == (9, 9)
        assert y.shape[1:] == (7, 7)
    assert y.max() == pytest.approx(1 / 3)
    _, y, _ = shown("Outline of a cat")
    grey = np.full((9, 9, 3), 77, np.uint8)
    assert np.abs(respond(grey, build("Outline")[None], ConvSettings(), Combination()).y).max() < 1e-6


@every
@given(fixed, convs, st.integers(6, 40), st.integers(6, 40), st.sampled_from(knobs_of(Combination)["channels"].choices))
def test_size_formulas_are_the_size_of_the_output(name, conv, height, width, channels):
    picture = np.zeros((height, width, 3), np.uint8)
    try:
        response = respond(picture, build(name)[None], conv, Combination(channels))
    except ShapeError:
        return
    lines = text.size_numbers((height, width), response.first.shape[1:], conv)
    for line, after in zip(lines, response.y.shape[1:], strict=True):
        left, side = line.rsplit(" = ", 1)
        written = left.replace(r"\left\lfloor\frac{", "((").replace("}{", ")//(").replace(r"}\right\rfloor", "))")
        written = re.sub(r"(\d)\(", r"\1*(", written.replace(r"\cdot", "*"))
        assert eval(written) == int(side) == after
    assert len(response.y) == (3 if channels == DEPTHWISE else 1)


@every
@given(fixed, st.integers(1, 4))
def test_frequency_response_is_that_of_the_dilated_kernel(name, dilation):
    kernel = build(name)
    spread = np.zeros([dilation * (side - 1) + 1 for side in kernel.shape])
    spread[::dilation, ::dilation] = kernel
    response = frequency_response(kernel, 33, dilation)
    np.testing.assert_allclose(response, frequency_response(spread, 33), atol=1e-9)
    caption = str(drawing.response_tile(response))
    assert f"×{abs(kernel.sum()):.3g}." in caption or abs(kernel.sum()) < 1e-6
    assert f"Darkest: ×{response.max():.3g}." in caption


@every
@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 4), st.integers(1, 4), st.integers(9, 300))
def test_separability_says_what_the_bars_say(height, width, stride, dilation, side):
    conv, kernel = ConvSettings(stride=stride, dilation=dilation), np.ones((height, width))
    try:
        cost = kernel_cost(side, side + 7, kernel.shape, conv)
    except ShapeError:
        return
    words = text.separability(separate(kernel).rank, kernel.shape, stride, cost)
    bars = str(drawing.cost_bars(cost.direct, cost.separable, cost.dense))
    assert f"<b>{cost.direct:,}</b>" in bars
    assert f"<b>{cost.separable:,}</b>" in bars
    if min(height, width) == 1:
        assert "nothing to separate" in words
        return
    assert f"{cost.separable:,} multiplications" in words
    assert ("instead of" in words) == (cost.separable < cost.direct)
    assert ("more than" in words) == (cost.separable > cost.direct)
    assert ("as many as" in words) == (cost.separable == cost.direct)
    if "Inside" in words:
        assert height + width < height * width
        assert stride == 1
    if found := re.search(r"computes (\d+) columns for the (\d+)", words):
        assert int(found.group(1)) > int(found.group(2))


@every
@given(st.sampled_from(sorted(KERNELS)), st.sampled_from(sorted(KERNELS)))
def test_edge_response_is_the_strongest_of_all_channels(one, other):
    first, second = (edge_response(build(name)[None]) for name in (one, other))
    if build(one).shape != build(other).shape:
        return
    both = edge_response(np.stack([build(one), build(other)]))
    assert both.vertical == pytest.approx(max(first.vertical, second.vertical), rel=1e-5, abs=1e-6)
    assert both.uniform == pytest.approx(max(first.uniform, second.uniform), rel=1e-5, abs=1e-6)
    if not (first.only_vertical and second.only_vertical) and both.only_vertical:
        assert min(first.vertical, second.vertical) < 1e-3 * both.vertical


SETUPS = st.builds(
    DenoisingSetup,
    noise=st.sampled_from(("Salt and pepper", "Gaussian")),
    amount=st.integers(0, 50),
    filter=st.sampled_from(tuple(FILTERS)),
    size=st.sampled_from((3, 5)),
)


@every
@given(SETUPS, st.integers(0, 5))
def test_psnr_of_formula_and_bars_is_one_number(setup, seed):
    clean = np.random.default_rng(seed).integers(0, 256, (16, 17)).astype(np.uint8)
    noisy = denoising.NOISES[setup.noise](clean, setup.amount / 100)
    scores = {
        name: denoising.psnr(as_planes(clean), one.run(as_planes(noisy), setup.size)) for name, one in FILTERS.items()
    }
    score = scores[setup.filter]
    written = denoising.numbers(clean, noisy, setup, score)
    bars = str(drawing.score_bars(scores, setup.filter))
    if math.isinf(score):
        assert written == r"\infty"
        assert "identical" in bars
        return
    digits, exponent, shown = re.search(r"\{([\d.]+) \\cdot 10\^\{(-?\d+)\}\} = (-?[\d.]+)", written).groups()
    assert shown == f"{-10 * math.log10(float(f'{digits}e{exponent}')):.2f}"
    assert f"{shown} dB" in bars


def test_one_white_pixel():
    for size in (3, 5, 7, 9):
        cells = [0.5] * (size**2 - 1) + [1.0]
        page = open_page("kernels", part="Denoising", n_size=str(size)) if size == 5 else None
        mean = float(sum(map(Fraction, cells)) / len(cells))
        assert np.median(cells) == 0.5
        if page:
            assert any(f"**{mean:.4f}**" in line.value for line in page.markdown)


@every
@given(
    st.floats(1e-14, 1e3),
    st.floats(0, 3),
    st.one_of(st.floats(1, 1e6), st.just(math.inf)),
    st.booleans(),
)
def test_sentence_on_the_descent_has_the_reason_that_holds(loss, error, condition, can_go_faster):
    step = DescentStep(3000 if loss >= CONVERGED_LOSS else 400, loss, np.zeros((3, 3)))
    kind, words = text.descent_result(step, error, condition, can_go_faster)
    assert (kind == "recovered") == (error < text.RECOVERED)
    assert ("neighbouring pixels" in words) == (
        error >= text.RECOVERED and text.ALIKE <= condition < math.inf and loss >= CONVERGED_LOSS
    )
    assert (kind == "ambiguous") == (error >= text.RECOVERED and math.isinf(condition))
    assert ("larger learning rate" not in words) or (can_go_faster and kind == "unfinished")
    assert text.descent_result(replace(step, loss=math.nan), error, condition, can_go_faster)[0] == "diverged"


@pytest.mark.parametrize(
    ("descent", "kind", "alike"),
    [
        (Descent(lr=0.001), "unfinished", False),  # white noise, the rate too small
        (Descent("Photograph", "SGD", 0.2), "unfinished", True),  # alike neighbours
        (Descent("Edge", "Adam", 0.05), "ambiguous", False),
        (Descent(), "recovered", False),
        (Descent(optimizer="SGD", lr=1.0), "diverged", False),
    ],
)
def test_runs_end_with_the_sentence_that_fits(descent, kind, alike):
    puzzle = Puzzle(SHOWN_PUZZLE)
    *_, last = descend(puzzle, descent, steps=800)
    _, x, _ = input_and_output(replace(puzzle, picture=descent.picture))
    error = float(np.abs(last.kernel - hidden_kernel(puzzle)).max())
    ended, words = text.descent_result(last, error, condition_number(x, 3), can_go_faster=True)
    assert ended == kind
    assert ("neighbouring pixels" in words) == alike


def test_sentence_of_a_preset_goes_with_any_change():
    words = PRESETS["Outline of a cat"].shows
    for link in ({}, {"p_crop": "50"}, {"p_noise": "Gaussian"}, {"p_colour": "false"}, {"c_channels": "Depthwise"}):
        page = open_page("kernels", **link)
        assert not page.exception
        assert any(words in line.value for line in page.markdown) == (not link)


def test_page_says_what_stride_does_to_a_separable_kernel():
    for stride, says in (("1", "instead of"), ("2", "for the"), ("4", "for the")):
        page = open_page("kernels", k="Sobel", close="true", w_stride=stride)
        html = "\n".join(found.proto.body for found in page.get("html"))
        assert "more than" in html or stride == "1"
        assert says in html
        assert [line.rpartition("= ")[2] for line in formulas(page)[1:]]
