"""How much of a run is done, after any step."""

import dataclasses
import itertools
from types import SimpleNamespace
from typing import cast

import pytest

from core.training import RECIPES, Began, Epoch, TrainConfig, Trainer, TrainingStep
from core.training.batches import batches_per_epoch
from core.training.confusion import ConfusionMatrix
from core.training.terminal import progress
from core.training.workload import HEAD, Workload


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.key)
@pytest.mark.parametrize(("training", "validation"), [(56, 16), (1000, 250), (65, 1)])
def test_it_grows_from_nothing_to_all(recipe, training, validation):
    config = recipe.config()
    work = Workload(config, 96, training, validation)
    assert work.steps == config.epochs * batches_per_epoch(training, config.batch_size)
    shares = [work.done(step) / work.total for step in range(work.steps + 1)]
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


FROZEN = dataclasses.replace(RECIPES["Transfer learning (frozen)"].config(), epochs=30)


def test_before_its_validation_a_first_epoch_of_frozen_features_is_not_done():
    """56 images in one step, then 16 to validate: these take as long as any of the 56."""
    work = Workload(FROZEN, 192, 56, 16)
    assert work.steps == 30
    left = work.seconds_left(0, 1, 56.0, (0, 0))
    assert left == pytest.approx(16 + 29 * 72 * HEAD, rel=0.01)
    assert work.seconds_left(0, 1, 72.0, (0, 1)) == pytest.approx(29 * 72 * HEAD, rel=0.01)


@pytest.mark.parametrize(("start", "steps_of_features"), [(0, range(1, 5)), (8, [9]), (2, [3, 4, 5])])
def test_a_resumed_run_computes_its_features_again(start, steps_of_features):
    work, batch = Workload(FROZEN, 192, 4 * 64, 50, start=start), 64
    steps = range(start + 1, work.steps + 1)
    costs = {step: work.done(step, step // 4) - work.done(step - 1, step // 4) for step in steps}
    assert [step for step in steps if costs[step] > 1] == list(steps_of_features)
    assert sum(costs.values()) == pytest.approx(4 * batch + len(steps) * batch * HEAD)
    checked = start // 4
    assert work.done(start + 4, checked + 1) - work.done(start + 4, checked) > 49
    assert not work.is_after_features(start, checked)
    assert work.is_after_features(start + 4, checked + 1)


def test_the_bar_goes_by_the_speed_of_the_later_epochs_once_it_is_known(monkeypatch, capsys):
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    trainer = SimpleNamespace(
        config=FROZEN, size=192, train_index=range(56), val_index=range(16), step=0, steps=30, steps_per_epoch=1
    )
    with progress.ProgressBar(cast(Trainer, trainer), quiet=False) as bar:
        bar.show(Began(0, 30, 1, 56, 16, 10, "cpu"))
        assert bar.seconds_left(0) is None
        for step in range(1, 11):
            now[0] += 56.0 if step == 1 else 2.0
            bar.show(TrainingStep(step, step, 0.5, 0.5, 0.1, 56 * step))
            if step == 1:
                assert 16 < bar.seconds_left(step) < 22
            now[0] += 16.0 if step == 1 else 1.0
            bar.show(Epoch(step, step, 0.5, 0.5, 0.5, 0.5, ConfusionMatrix.of([[8, 0], [8, 0]]), 50.0))
        assert bar.seconds_left(10) == pytest.approx(20 * 3.0)
    assert "epoch 10, loss 0.500, 1 min 0 s left" in capsys.readouterr().err


def test_any_number_of_epochs_is_counted_at_once():
    work = Workload(TrainConfig(epochs=10**12), 64, 640, 160)
    assert work.done(5 * 10**12) / work.total == pytest.approx(0.5)


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
