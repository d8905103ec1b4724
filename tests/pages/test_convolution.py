"""The page around the stepper: links, formula, lines and challenges follow the state."""

from __future__ import annotations

import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn

from core.lessons.convolution import PRESETS, Stepper, pytorch_code, violation
from core.lessons.convolution.challenges import CHALLENGES
from core.lessons.convolution.same_valid import tensorflow_padding
from core.shapes import conv_output_size, conv_transpose_output_size
from playground.lesson import formula_of
from tests.pages.helpers import open_page

SOLUTIONS = [
    Stepper(kernel=(2, 2), dilation=(2, 2)),
    Stepper(dilation=(3, 3), padding=(3, 3, 3, 3)),
    Stepper(mode="transposed", kernel=(3, 3), stride=(3, 3), size=(4, 4)),
    Stepper(size=(8, 8), stride=(2, 2), padding=(1, 1, 1, 1)),
    Stepper(kernel=(2, 2), stride=(2, 2), weights="blur", mean=True),
]


def opened(state: Stepper) -> AppTest:
    return open_page("convolution", **state.params)


@pytest.mark.parametrize("name", PRESETS)
def test_every_scene_opens_by_its_link_with_its_lines(name):
    assert violation(PRESETS[name]) is None
    app = opened(PRESETS[name])
    assert not app.exception
    assert app.code[0].value == pytorch_code(PRESETS[name]).strip()


@pytest.mark.parametrize(("challenge", "state"), list(zip(CHALLENGES, SOLUTIONS, strict=True)))
def test_each_challenge_can_be_solved_and_is_not_solved_at_first(challenge, state):
    assert violation(state) is None
    assert challenge.solved(state)
    assert not challenge.solved(Stepper())
    solved = [text.value for text in opened(state).markdown if "Solved" in text.value]
    assert any(challenge.task in text for text in solved)


def test_near_misses_do_not_count():
    shrink, keep, even, halve, mean = CHALLENGES
    assert not shrink.solved(Stepper(size=(9, 9)))  # 7x7, but with the 3x3 kernel it opened with
    assert not keep.solved(Stepper(padding=(1, 1, 1, 1)))  # keeps the size, but nothing is dilated
    assert not even.solved(Stepper(mode="transposed", stride=(2, 2), size=(4, 4)))
    assert not halve.solved(Stepper(mode="max", kernel=(2, 2), stride=(2, 2), size=(8, 8)))
    assert not mean.solved(Stepper(kernel=(2, 2), stride=(2, 2), weights="blur"))


@pytest.mark.parametrize("state", [Stepper(size=(9, 7)), Stepper(mode="transposed", size=(4, 4), stride=(2, 2))])
def test_the_formula_carries_this_moments_numbers(state):
    rule = conv_transpose_output_size if state.mode == "transposed" else conv_output_size
    shown = [text.value for text in opened(state).latex]
    sides = dict.fromkeys(state.output_size)
    assert len(shown) == len(sides)
    for text, side in zip(shown, sides, strict=True):
        assert formula_of(rule) in text
        assert text.rstrip("$ \n}").endswith(f"= {side}")


@pytest.mark.parametrize(
    ("link", "state"),
    [
        ({"picture": "checker", "size": "6"}, Stepper(picture="checkerboard", size=(6, 6))),
        ({"picture": "dot", "weights": "count", "flip": "1"}, Stepper(picture="dot", weights="ramp", flip=True)),
        ({"padding": "1x1x0x0", "padding_mode": "reflect"}, Stepper(padding=(1, 1, 0, 0), padding_mode="reflect")),
        ({"mode": "transposed", "size": "4", "stride": "2"}, Stepper(mode="transposed", size=(4, 4), stride=(2, 2))),
    ],
)
def test_an_old_link_opens_the_state_it_meant(link, state):
    assert open_page("convolution", **link).code[0].value == pytorch_code(state).strip()


@pytest.mark.parametrize(
    "state",
    [
        Stepper(size=(9, 8), stride=(2, 2)),
        Stepper(size=(7, 7), kernel=(4, 2), dilation=(1, 3)),
        Stepper(mode="max", kernel=(3, 3), stride=(2, 2), size=(8, 8)),
    ],
)
def test_same_and_valid_are_what_pytorch_gives_with_that_padding(state):
    padding = tensorflow_padding(state)
    top, bottom, left, right = padding.same_padding
    padded = nn.functional.pad(torch.ones(1, 1, *state.size), (left, right, top, bottom))
    layer = nn.Conv2d(1, 1, state.kernel, state.stride, dilation=state.dilation)
    assert tuple(layer(padded).shape[2:]) == padding.same_size
    assert tuple(layer(torch.ones(1, 1, *state.size)).shape[2:]) == padding.valid_size
    (text,) = [line.value for line in opened(state).markdown if "TensorFlow" in line.value]
    assert f"here {padding.same_size[0]}×{padding.same_size[1]};" in text
    assert f"`nn.ZeroPad2d(({left}, {right}, {top}, {bottom}))`" in text


def test_same_and_valid_where_they_mean_nothing():
    assert tensorflow_padding(Stepper(mode="transposed")) is None
    assert tensorflow_padding(Stepper(size=(2, 2), kernel=(3, 3), padding=(1, 1, 1, 1))).valid_size is None
    assert not [line for line in opened(Stepper(mode="transposed")).markdown if "TensorFlow" in line.value]


@pytest.mark.parametrize(
    "link",
    [
        {"size": "nan"},
        {"kernel": "99"},
        {"mode": "rm -rf"},
        {"x": "..", "padding": "-4"},
        {"picked": "9.9.9", "backward": "1"},
    ],
)
def test_a_spoilt_link_opens_something_legal(link):
    app = open_page("convolution", **link)
    assert not app.exception
    assert app.code
