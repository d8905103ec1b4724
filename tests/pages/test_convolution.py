"""The page around the stepper: links, formula, lines and challenges follow the state."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.lessons.convolution import SCENES, Stepper, lines, why_not
from core.lessons.convolution.challenges import CHALLENGES
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


@pytest.mark.parametrize("name", SCENES)
def test_every_scene_opens_by_its_link_with_its_lines(name):
    assert why_not(SCENES[name]) is None
    app = opened(SCENES[name])
    assert not app.exception
    assert app.code[0].value == lines(SCENES[name]).strip()


@pytest.mark.parametrize(("challenge", "state"), list(zip(CHALLENGES, SOLUTIONS, strict=True)))
def test_each_challenge_can_be_solved_and_is_not_solved_at_first(challenge, state):
    assert why_not(state) is None
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
