"""A run is said to be at chance level where guessing would do as well, and only there."""

import numpy as np
import pytest

from core.training import RECIPES, TrainConfig
from core.training.chance_level import BALANCE, beats_chance, can_tell, chance_accuracy, chance_sentence, young


@pytest.mark.parametrize(
    ("confusion", "beats"),
    [
        (((8, 0), (0, 8)), True),
        (((8, 0), (1, 7)), True),
        (((5, 3), (3, 5)), False),
        (((90, 0), (10, 0)), False),  # names the frequent class every time
        (((400, 0), (50, 50)), True),
        (((0, 10), (10, 0)), False),
        (((300, 200), (200, 300)), True),
    ],
)
def test_a_network_beats_chance_where_its_interval_lies_above(confusion, beats):
    assert beats_chance(confusion) == beats
    sentence = chance_sentence(confusion, 3, TrainConfig())
    assert bool(sentence) != beats
    if sentence:
        assert f"gives {chance_accuracy(confusion):.1%}" in sentence


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_guessing_rarely_passes_for_learning(classes):
    generator = np.random.default_rng(classes)
    passed = 0
    for _ in range(300):
        confusion = np.zeros((classes, classes), dtype=int)
        np.add.at(confusion, tuple(generator.integers(0, classes, (2, 100))), 1)
        passed += beats_chance(confusion.tolist())
    assert passed < 0.05 * 300


def test_too_few_images_are_called_so():
    confusion = ((1, 0), (0, 1))
    assert not can_tell(confusion)
    assert "2 validation images are too few to tell" in chance_sentence(confusion, 5, TrainConfig())


@pytest.mark.parametrize("right", [0, 1])
def test_unequal_classes_are_called_so_and_not_too_few_images(right):
    sentence = chance_sentence(((40, 0), (1 - right, right)), 5, TrainConfig())
    assert "40 of 41 validation images are of one class, and naming it every time gives 97.6%" in sentence
    assert "too few" not in sentence
    assert BALANCE in sentence


def test_unequal_classes_are_a_cause_of_chance_level_too():
    assert BALANCE in chance_sentence(((90, 0), (10, 0)), 5, TrainConfig())
    assert BALANCE not in chance_sentence(((10, 0), (10, 0)), 5, TrainConfig())


def test_it_says_what_to_try_that_has_not_been_tried():
    guess = ((5, 5), (5, 5))
    frozen = RECIPES["Transfer learning (frozen)"].config()
    assert "“Transfer learning (frozen)”" in chance_sentence(guess, 3, TrainConfig())
    assert "Try larger images" in chance_sentence(guess, 3, frozen)


def test_the_first_epochs_are_too_early():
    assert [young(epochs, is_over=False) for epochs in (1, 2, 3)] == [True, True, False]
    assert not young(1, is_over=True)
