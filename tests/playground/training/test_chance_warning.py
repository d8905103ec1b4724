"""A run is not called at chance level while its training images show that it learns, and is at its end."""

from types import SimpleNamespace

import pytest

from core.training import TrainConfig
from playground.training.live.status import learnt_nothing

GUESSING = ((60, 40), (55, 45))


@pytest.mark.parametrize(
    ("train_accuracy", "is_over", "epochs", "warns"),
    [(0.76, False, 4, False), (0.76, True, 4, True), (0.52, False, 4, True), (0.52, False, 2, False)],
)
def test_a_run_that_learns_is_given_time(train_accuracy, is_over, epochs, warns):
    last = SimpleNamespace(epoch=epochs, train_accuracy=train_accuracy, confusion=GUESSING)
    view = SimpleNamespace(epochs=[last] * epochs, is_over=is_over, done=None, config=TrainConfig())
    assert ("at chance level" in learnt_nothing(view)) == warns
