"""How much of a run is done, after any step."""

import dataclasses
import itertools

import pytest

from core.training import RECIPES, TrainConfig
from core.training.batches import batches_per_epoch
from core.training.workload import HEAD, Workload


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.key)
@pytest.mark.parametrize(("training", "validation"), [(56, 16), (1000, 250), (65, 1)])
def test_it_grows_from_nothing_to_all(recipe, training, validation):
    config = recipe.config()
    work = Workload(config, 96, training, validation)
    assert work.steps == config.epochs * batches_per_epoch(training, config.batch_size)
    shares = [work.share_done(step) for step in range(work.steps + 1)]
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert all(later > earlier for earlier, later in itertools.pairwise(shares))


def test_an_epoch_is_three_passes_of_its_images_and_one_of_those_that_validate():
    config = TrainConfig(epochs=2, batch_size=10)
    assert Workload(config, 64, 100, 50).total == 2 * (3 * 100 + 50)
    assert Workload(dataclasses.replace(config, test_flip=True), 64, 100, 50).total == 2 * (3 * 100 + 2 * 50)


def test_features_are_computed_in_the_first_epoch():
    config = dataclasses.replace(RECIPES["Transfer learning (frozen)"].config(), epochs=5)
    work = Workload(config, 192, 640, 100)
    first = work.done(10)
    assert first == pytest.approx(640 * (1 + HEAD) + 100)
    assert work.total - first == pytest.approx(4 * (640 + 100) * HEAD)


def test_any_number_of_epochs_is_counted_at_once():
    work = Workload(TrainConfig(epochs=10**12), 64, 640, 160)
    assert work.share_done(5 * 10**12) == pytest.approx(0.5)


def test_small_images_take_less():
    growing = Workload(TrainConfig(epochs=3, first_size=0.5), 64, 640, 1)
    assert growing.done(1) < growing.done(30) - growing.done(29)
    sides = [0.5 + 0.5 * min(1.0, step / 20) for step in range(30)]  # grown after two thirds of the steps
    assert growing.total == pytest.approx(3 * 64 * sum(side**2 for side in sides) + 3)
    assert growing.total < Workload(TrainConfig(epochs=3), 64, 640, 1).total


def test_time_left_is_at_the_speed_of_the_steps_before():
    work = Workload(TrainConfig(epochs=4), 64, 640, 160)
    assert work.seconds_left(0, 20, 10.0) == pytest.approx(10.0)
    assert work.seconds_left(20, 30, 7.0) == pytest.approx(7.0)
    assert work.seconds_left(0, 40, 10.0) == 0
    assert work.seconds_left(5, 5, 0.0) is None
