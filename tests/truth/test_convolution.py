"""The convolution page: formula, sentences and printed program say what PyTorch gives in every state of the stepper."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.signal import convolve2d, correlate2d
from torch import nn

from core.knobs import knobs_of
from core.lessons.convolution import PRESETS, Stepper, input_cells, kernel_cells, nearest_legal, pytorch_code
from core.lessons.convolution.same_valid import tensorflow_padding
from playground.convolution import text
from tests.pages.helpers import open_page
from tests.stepper_oracle import oracle
from tests.truth.isolated import outputs

STEPPER, PAGE = "tests/browser/test_stepper.py", "tests/pages/test_convolution.py"
SHOWS = {
    "stepper: cells, sums, gradients, constructor and size lines": (
        f"{STEPPER}::test_every_number_of_many_random_states_is_pytorchs"
    ),
    "stepper: equal maxima": f"{STEPPER}::test_equal_maxima_are_told_and_the_first_is_credited",
    "stepper: the sign between input and kernel": f"{STEPPER}::test_the_sign_is_a_star_for_cross_correlation_alone",
    "stepper: hatched cells and write counts": f"{STEPPER}::test_unread_cells_are_hatched_and_hits_counted",
    "sentence on cross-correlation and convolution": "test_sentence_names_the_operation_that_is_computed",
    "size formula": "test_size_formula_is_the_size_of_the_output",
    "same and valid in TensorFlow": "test_same_and_valid_are_what_pytorch_gives_with_that_padding",
    "code": "test_program_prints_the_numbers_of_the_screen",
    "challenges": f"{PAGE}::test_each_challenge_can_be_solved_and_is_not_solved_at_first",
}


def field(limits):
    if limits.choices:
        return st.sampled_from(limits.choices)
    if isinstance(limits.default, bool):
        return st.booleans()
    number = st.integers(int(limits.low), min(int(limits.high), 8))
    return st.tuples(*[number] * len(limits.default)) if isinstance(limits.default, tuple) else number


states = st.builds(Stepper, **{name: field(limits) for name, limits in knobs_of(Stepper).items()}).map(nearest_legal)
every = settings(max_examples=200, derandomize=True, deadline=None)


@every
@given(states)
def test_size_formula_is_the_size_of_the_output(state):
    y = oracle(state)[0]
    for axis in (0, 1):
        left, side = text.size_numbers(state, axis).rsplit(" = ", 1)
        written = left.replace(r"\cdot", "*").replace(r"\left\lfloor\frac{", "((").replace("}{", ")//(")
        assert eval(written.replace(r"}\right\rfloor", "))")) == int(side) == y.shape[axis + 1]


@every
@given(states)
def test_sentence_names_the_operation_that_is_computed(state):
    words = text.operation(state)
    assert bool(words) == (not state.is_pool)
    if state.is_pool:
        return
    one = replace(state, in_channels=1, out_channels=1, groups=1, bias=False, mean=False, dilation=(1, 1), w="", b="")
    one = nearest_legal(replace(one, padding=(0, 0, 0, 0), output_padding=(0, 0), padding_mode="zeros"))
    assume((one.mode, one.flip) == (state.mode, state.flip))
    x, w = input_cells(one)[0] / 100, kernel_cells(one)[0, 0] / 100
    if state.mode == "conv":
        compute = convolve2d if state.flip else correlate2d
        y = correlate2d(x, w[::-1, ::-1] if state.flip else w, "valid")
        np.testing.assert_allclose(y, compute(x, w, "valid") if min(x.shape) >= max(w.shape) else y)
        shown = y[:: one.stride[0], :: one.stride[1]]
    else:
        apart = np.zeros([(side - 1) * stride + 1 for side, stride in zip(one.size, one.stride, strict=True)])
        apart[:: one.stride[0], :: one.stride[1]] = x
        shown = convolve2d(apart, w[::-1, ::-1] if state.flip else w)
    np.testing.assert_allclose(oracle(one)[0][0], shown, atol=1e-9)
    convolves = (state.mode == "transposed") != state.flip
    assert words.index(text.CONVOLUTION if convolves else text.CORRELATION) > 0
    if state.mode == "transposed":
        assert (text.CORRELATION if convolves else text.CONVOLUTION) not in words


@every
@given(states)
def test_symmetry_is_named_where_rotating_changes_nothing(state):
    if state.is_pool:
        return
    cells = kernel_cells(state)
    same = np.array_equal(cells, cells[..., ::-1, ::-1])
    assert ("both give the same output" in text.operation(state)) == same
    if same:
        torch.testing.assert_close(oracle(state)[0], oracle(replace(state, flip=not state.flip))[0])


@every
@given(states)
def test_same_and_valid_are_what_pytorch_gives_with_that_padding(state):
    padding = tensorflow_padding(state)
    assert (padding is None) == (state.mode == "transposed")
    if padding is None:
        return
    now = state.effective
    top, bottom, left, right = padding.same_padding
    layer = nn.Conv2d(1, 1, now.kernel, now.stride, dilation=now.dilation, device="meta")
    padded = nn.ZeroPad2d((left, right, top, bottom))(torch.ones(1, 1, *now.size, device="meta"))
    words = text.same_and_valid(padding)
    assert f"(here {'×'.join(map(str, layer(padded).shape[2:]))}; padding {top} top" in words
    reach = [d * (k - 1) + 1 for d, k in zip(now.dilation, now.kernel, strict=True)]
    if all(side >= long for side, long in zip(now.size, reach, strict=True)):
        assert f"(here {'×'.join(map(str, layer(torch.ones(1, 1, *now.size, device='meta')).shape[2:]))})" in words
    else:
        assert "no window fits here" in words


CODED = [
    *(state for name, state in PRESETS.items() if name not in ("Edge", "Blur")),
    replace(PRESETS["Max pooling"], picture="letter X", backward=True),
    replace(PRESETS["Checkerboard"], backward=True, flip=True, bias=True),
    nearest_legal(Stepper(size=(16, 16), in_channels=3, out_channels=4, picture="random", weights="random", bias=True)),
]


def tensors(printed: str) -> list[torch.Tensor]:
    """Every tensor that a program printed, flat."""
    texts = re.findall(r"tensor\((.+?)(?:, (?:grad_fn|requires)[^)]*)?\)(?=\n|$)", printed, re.DOTALL)
    number = re.compile(r"-?\d+\.\d*(?:e[+-]\d+)?")
    return [torch.tensor([float(found) for found in number.findall(one)], dtype=torch.double) for one in texts]


def test_program_prints_the_numbers_of_the_screen(tmp_path):
    for state, printed in zip(CODED, outputs([pytorch_code(state) for state in CODED], tmp_path), strict=True):
        y, dx, dw, db = oracle(state)
        expected = [y] + ([dx, dw, db] if state.backward else [])
        shown = [tensor for tensor in expected if tensor is not None]
        assert len(tensors(printed)) == len(shown), printed
        for ours, theirs in zip(shown, tensors(printed), strict=True):
            torch.testing.assert_close(theirs, ours.flatten(), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("name", ["Letter X", "True convolution", "Checkerboard", "Max pooling", "Blur"])
def test_page_has_the_word_where_it_belongs(name):
    page = open_page("convolution", **PRESETS[name].params)
    assert not page.exception
    words = text.operation(PRESETS[name])
    assert any(words == line.value for line in page.markdown) == bool(words)
    assert "cross-correlation" in page.markdown[0].value
