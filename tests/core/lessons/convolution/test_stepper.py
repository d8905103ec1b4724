"""The lines the stepper shows run, and give what PyTorch's functions give; its rules are PyTorch's own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from core.knobs import knobs_of
from core.lessons.convolution import (
    Stepper,
    bias_cells,
    constructor,
    input_cells,
    kernel_cells,
    nearest_legal,
    pytorch_code,
    violation,
    write_counts,
)
from tests.stepper_oracle import oracle, run_lines


def states() -> st.SearchStrategy[Stepper]:
    """Any state a link can ask for, mended."""

    def field(limits):
        if limits.choices:
            return st.sampled_from(limits.choices)
        if isinstance(limits.default, bool):
            return st.booleans()
        number = st.integers(int(limits.low), min(int(limits.high), 8))
        return st.tuples(*[number] * len(limits.default)) if isinstance(limits.default, tuple) else number

    return st.builds(Stepper, **{name: field(limits) for name, limits in knobs_of(Stepper).items()}).map(nearest_legal)


@settings(deadline=None, max_examples=60)
@given(states())
def test_the_shown_lines_give_what_the_functions_give(state):
    y, dx, dw, db = oracle(state)
    ran = run_lines(pytorch_code(replace(state, backward=True)))
    torch.testing.assert_close(ran["y"][0].double(), y, rtol=1e-5, atol=1e-4)
    torch.testing.assert_close(ran["x"].grad[0].double(), dx, rtol=1e-5, atol=1e-4)
    if dw is not None:
        grad = ran["conv"].weight.grad.double()
        torch.testing.assert_close(grad.flip(-2, -1) if state.flip else grad, dw, rtol=1e-5, atol=1e-4)
    if db is not None:
        torch.testing.assert_close(ran["conv"].bias.grad.double(), db)
    assert tuple(y.shape[1:]) == state.output_size


@settings(deadline=None, max_examples=60)
@given(states())
def test_every_mended_state_is_legal_and_survives_its_link(state):
    assert violation(state) is None
    assert Stepper.from_params(state.params) == state
    assert not np.isinf(oracle(state)[0].numpy()).any()


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.sampled_from(["mode", "size", "kernel", "padding", "bias", "x", "w", "picked"]), st.text()))
def test_a_garbled_link_still_gives_a_legal_state(params):
    assert violation(Stepper.from_params(params)) is None


def test_the_letter_x_of_the_course():
    state = Stepper()
    y = oracle(state)[0]
    assert state.output_size == (7, 7)
    assert y.max() == y[0, 0, 0] == y[0, 6, 6] == 3
    assert oracle(replace(state, mean=True))[0].max() == pytest.approx(3 / 9)


def test_edits_are_kept_outside_the_present_size():
    state = Stepper(x="0.8.8.-250~0.0.0.7")
    assert input_cells(state)[0, 8, 8] == -250
    small = replace(state, size=(5, 5))
    assert input_cells(small)[0, 0, 0] == 7
    assert input_cells(small).shape == (1, 5, 5)
    assert input_cells(replace(small, size=(9, 9)))[0, 8, 8] == -250


def test_weights_have_the_shape_of_the_module():
    grouped = Stepper(in_channels=2, out_channels=4, groups=2, kernel=(3, 2))
    assert kernel_cells(grouped).shape == torch.nn.Conv2d(2, 4, (3, 2), groups=2).weight.shape
    turned = replace(grouped, mode="transposed")
    assert kernel_cells(turned).shape == torch.nn.ConvTranspose2d(2, 4, (3, 2), groups=2).weight.shape
    assert bias_cells(replace(grouped, bias=True)).tolist() == [100, -100, 200, -200]


@pytest.mark.parametrize("kernel", [2, 3, 4])
def test_hits_are_what_a_transposed_convolution_of_ones_counts(kernel):
    state = nearest_legal(
        Stepper(mode="transposed", size=(4, 5), kernel=(kernel, kernel), stride=(2, 2), padding=(1,) * 4)
    )
    ones = F.conv_transpose2d(torch.ones(1, 1, 4, 5), torch.ones(1, 1, kernel, kernel), stride=2, padding=1)
    rows, columns = write_counts(state)
    assert np.outer(rows, columns).tolist() == ones[0, 0].tolist()


def test_why_not_says_what_to_do():
    assert "raise padding" in violation(Stepper(size=(5, 5), kernel=(7, 7)))
    assert "divide" in violation(Stepper(in_channels=2, out_channels=3, groups=2))
    assert "mirrors" in violation(Stepper(size=(3, 3), padding=(3, 3, 3, 3), padding_mode="reflect"))
    assert "at most half" not in (violation(Stepper(mode="max", padding=(1, 1, 1, 1))) or "")
    assert "padding only" in violation(
        Stepper(mode="max", size=(2, 2), kernel=(2, 2), dilation=(3, 3), padding=(1, 1, 1, 1))
    )


@pytest.mark.parametrize(
    ("state", "line"),
    [
        (Stepper(), "nn.Conv2d(1, 1, kernel_size=3, bias=False)"),
        (
            Stepper(in_channels=2, out_channels=2, groups=2, kernel=(3, 2), bias=True, dilation=(2, 1)),
            "nn.Conv2d(2, 2, kernel_size=(3, 2), dilation=(2, 1), groups=2)",
        ),
        (Stepper(padding=(1, 0, 0, 0)), "nn.Conv2d(1, 1, kernel_size=3, bias=False)"),
        (
            Stepper(padding=(1, 1, 2, 2), padding_mode="reflect"),
            'nn.Conv2d(1, 1, kernel_size=3, padding=(1, 2), bias=False, padding_mode="reflect")',
        ),
        (
            Stepper(mode="transposed", stride=(2, 2), output_padding=(1, 1)),
            "nn.ConvTranspose2d(1, 1, kernel_size=3, stride=2, output_padding=1, bias=False)",
        ),
        (Stepper(mode="max", dilation=(2, 2), stride=(3, 3)), "nn.MaxPool2d(kernel_size=3, dilation=2)"),
        (Stepper(mode="average", dilation=(2, 2)), "nn.AvgPool2d(kernel_size=3, stride=1)"),
    ],
)
def test_the_constructor_says_only_what_is_not_default(state, line):
    assert constructor(state) == line
