"""Every knob of a run has one place on the page."""

from collections import Counter

from core.knobs import knobs_of
from core.training import TrainConfig
from playground.training.recipe import groups


def test_every_knob_is_in_just_one_group():
    counted = Counter(name for knobs in groups().values() for name in knobs)
    assert counted == Counter(list(knobs_of(TrainConfig)))
