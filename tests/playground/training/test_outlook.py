"""What is expected of a run is what was measured for it, and nothing for a recipe that was changed."""

import dataclasses

import pytest

from core.training import RECIPES
from core.training.recipe.expectations import accuracy_sentence, expectation
from playground.training.outlook import time_sentence

FROZEN = RECIPES["Transfer learning (frozen)"].config()
FEW = {"cat": 40, "dog": 44}


def test_a_recipe_at_its_own_size_has_an_expectation():
    known = expectation(FROZEN, 192, FEW)
    assert known.images == 40
    assert f"{100 * known.low:.0f} to {100 * known.high:.0f} %" in known.sentence
    assert expectation(dataclasses.replace(FROZEN, seed=3), 192, FEW) == known


@pytest.mark.parametrize(
    ("config", "size", "counts"),
    [
        (FROZEN, 64, FEW),
        (dataclasses.replace(FROZEN, epochs=1), 192, FEW),
        (FROZEN, 192, {"cat": 2, "dog": 2}),
        (RECIPES["Fine-tuning"].config(), 192, FEW),
    ],
)
def test_what_was_not_measured_is_not_expected(config, size, counts):
    assert expectation(config, size, counts) is None


@pytest.mark.parametrize(
    ("classes", "images", "words"),
    [
        (2, 40, "40 images of each of 2 classes (photographs"),
        (5, 12, "10 images of each of 10 classes (handwritten digits)"),
        (20, 50, "40 images of each of 10 classes"),
        (21, 50, "measured with 2 and with 10 classes, and these are 21"),
        (3, 4, "measured with 5 images of each class or more"),
    ],
)
def test_a_recipe_as_it_is_names_an_accuracy_or_says_why_not(classes, images, words):
    counts = {str(number): images for number in range(classes)}
    assert words in accuracy_sentence(FROZEN, 192, counts)
    assert accuracy_sentence(dataclasses.replace(FROZEN, epochs=1), 192, counts) == ""


def test_early_stopping_makes_the_time_an_upper_bound():
    assert "at most about **40 s**" in time_sentence(40, dataclasses.replace(FROZEN, patience=3))
    assert "at most" not in time_sentence(40, FROZEN)
