"""The time of a run is told from a few of its steps."""

import dataclasses
from types import SimpleNamespace

import pytest

from core.errors import PlaygroundError
from core.jobs.short_tasks.speed_probes import SpeedProbes
from core.jobs.worker import speed_probe as in_worker
from core.training import RECIPES, TrainConfig, Trainer
from core.training.recipe.expectations import MEASURED, expected_accuracy
from core.training.speed_probe import MeasuredSpeed, measure_speed
from core.training.workload import Workload
from tests.core.squares import TEXT

SMALL = TrainConfig(network=TEXT, epochs=3, batch_size=16)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.key)
def test_the_time_is_that_of_all_images_forward(recipe):
    config, speed = recipe.config(), MeasuredSpeed(0.5, 0.01)
    work = Workload(config, 96, 200, 50)
    assert speed.seconds(config, 96, 200, 50) == pytest.approx(0.5 + 0.01 * (work.total + work.check))


def test_a_few_steps_are_taken_at_a_rate_of_nothing(monkeypatch):
    rates, step = [], Trainer.step_at

    def counted(trainer, rate):
        rates.append(rate)
        return step(trainer, rate)

    monkeypatch.setattr(Trainer, "step_at", counted)
    speed = measure_speed(SMALL, 2, 16)
    assert rates == [0.0, 0.0, 0.0]
    assert speed.image_s > 0


@pytest.mark.parametrize("changes", [{"accumulate": 16}, {"batch_size": 1}, {"patience": 2, "compile": True}])
def test_any_config_is_measured(changes):
    assert measure_speed(dataclasses.replace(SMALL, **changes), 2, 16).image_s > 0


def test_a_network_that_does_not_fit_has_no_speed(tmp_path):
    with pytest.raises(PlaygroundError):
        measure_speed(SMALL, 3, 16)
    in_worker.probe(str(tmp_path / "speed.json"), dataclasses.asdict(SMALL), 3, 16, "cpu", 0)
    assert (tmp_path / "speed.json").read_text() == "{}"


class Here:
    """A dispatcher whose cluster computes at once."""

    threads = 0

    def __init__(self):
        self.computed = 0

    def cluster(self):
        return self

    def submit(self, function, *arguments, device=None):
        self.computed += 1
        function(*arguments)
        return SimpleNamespace(is_done=True, has_failed=False)


def test_what_takes_as_long_is_measured_once(tmp_path):
    here = Here()
    probes, longer = SpeedProbes(tmp_path, here), dataclasses.replace(SMALL, epochs=50, learning_rate=0.3)
    assert not probes.is_known(SMALL, 2, 16, "cpu")
    assert probes.get(SMALL, 2, 16, "cpu") is None
    for config in (SMALL, longer):
        probes.start(config, 2, 16, "cpu")
    assert here.computed == 1
    assert probes.is_known(longer, 2, 16, "cpu")
    assert probes.get(longer, 2, 16, "cpu") == probes.get(SMALL, 2, 16, "cpu") is not None
    assert not probes.is_known(dataclasses.replace(SMALL, batch_size=32), 2, 16, "cpu")
    (file,) = tmp_path.glob("*.json")
    file.write_text("{")
    assert probes.get(SMALL, 2, 16, "cpu") is None


@pytest.mark.parametrize("key", MEASURED)
def test_more_images_are_never_expected_to_give_less(key):
    for classes in (2, 10):
        rows = [expected_accuracy(key, images, classes) for images in range(1, 500)]
        known = [row for row in rows if row is not None]
        assert [row.images for row in known] == sorted(row.images for row in known)
        assert all(0 <= row.low <= row.high <= 1 for row in known)
        assert all(row.images <= images for images, row in enumerate(rows, start=1) if row)
