"""A run is what its event log says, also after a run has started again."""

import dataclasses

import pytest

from core.jobs.job_spec import Source
from core.jobs.run_state import ENDED, PAUSED, RUNNING, WAITING, RunState, RunView
from core.training import RECIPES, Began, Done, Epoch, TrainConfig, TrainingStep, to_dict
from core.training.confusion import ConfusionMatrix
from core.training.workload import Workload

QUICK = TrainConfig(network="Cats and dogs", epochs=2, batch_size=16)


def new_state():
    return RunState(RunView("id", Source("Sketches", "sketches"), 16, QUICK))


def records(*events):
    return [to_dict(event) for event in events]


BEGAN = Began(0, 10, 5, 80, 20, 100, "cpu")


def test_a_state_goes_through_the_life_of_a_run():
    run = new_state()
    assert run.now.state == WAITING
    run.apply(records(BEGAN, TrainingStep(1, 1, 0.7, 0.5, 0.1, 64)), 100.0)
    assert (run.now.state, run.view().share) == (RUNNING, 0.1)
    run.apply([{"kind": "Paused", "away": False}], 100.0)
    assert (run.now.state, run.view().seconds_left) == (PAUSED, None)
    run.apply(
        [
            {"kind": "Resumed"},
            *records(TrainingStep(1, 2, 0.6, 0.5, 0.1, 64), Done("stopped", 0, 2, 0.6, 0.5, 10.0, 1.0)),
        ],
        100.0,
    )
    view = run.view()
    assert (view.state, len(view.steps), view.is_over) == (ENDED, 2, True)
    run.apply(records(TrainingStep(1, 3, 0.5, 0.5, 0.1, 64)), 100.0)
    assert run.view() == view


def test_a_state_forgets_what_a_resumed_run_tells_again():
    run = new_state()
    epoch = Epoch(1, 5, 0.7, 0.5, 0.7, 0.5, ConfusionMatrix.of([[10, 0], [10, 0]]), 50.0)
    steps = [TrainingStep(1 + i // 5, i + 1, 0.7, 0.5, 0.1, 64) for i in range(8)]
    run.apply(records(BEGAN, *steps[:5], epoch, *steps[5:]), 100.0)
    run.apply(records(dataclasses.replace(BEGAN, step=5), *steps[5:6]), 100.0)
    assert [step.step for step in run.view().steps] == [1, 2, 3, 4, 5, 6]
    assert run.view().epochs == (epoch,)
    run.apply(records(BEGAN), 100.0)
    assert (run.view().steps, run.view().epochs) == ((), ())


def test_time_left_follows_the_present_speed(monkeypatch):
    monkeypatch.setattr("core.jobs.run_state.time.time", lambda: 108.0)
    run = new_state()
    run.apply(records(BEGAN), 100.0)
    for step in (1, 2, 3, 4):
        run.apply(records(TrainingStep(1, step, 0.7, 0.5, 0.1, 16 * step)), 100.0 + 2 * step)
    step_s, work = 2.0, Workload(QUICK, 16, 80, 20)
    assert run.view().seconds_left == pytest.approx((work.total - work.done(4)) * step_s / work.done(1))
    assert run.view().images_per_second == pytest.approx(16 / 2)


def test_time_left_counts_the_features_of_images_that_validate(monkeypatch):
    """56 images in 56 s; the 16 that validate will take 16, and 29 epochs on top of kept features little."""
    config = dataclasses.replace(RECIPES["Transfer learning (frozen)"].config(), epochs=30)
    run = RunState(RunView("id", Source("Pets", "pets"), 192, config))
    monkeypatch.setattr("core.jobs.run_state.time.time", lambda: 156.0)
    run.apply(records(Began(0, 30, 1, 56, 16, 100, "cpu")), 100.0)
    run.apply(records(TrainingStep(1, 1, 0.7, 0.5, 0.1, 56)), 156.0)
    assert 16 < run.view().seconds_left < 22
    assert run.view().images_per_second == pytest.approx(1.0)
    monkeypatch.setattr("core.jobs.run_state.time.time", lambda: 172.0)
    run.apply(records(Epoch(1, 1, 0.7, 0.5, 0.7, 0.5, ConfusionMatrix.of([[8, 0], [8, 0]]), 1.0)), 172.0)
    assert 0 < run.view().seconds_left < 6


def test_an_event_log_that_is_read_late_tells_the_same_speed(monkeypatch):
    """Times are those at which events were written, not those at which they are read."""
    monkeypatch.setattr("core.jobs.run_state.time.time", lambda: 1000.0)
    run = new_state()
    run.apply(records(BEGAN), 100.0)
    for step in (1, 2, 3, 4):
        run.apply(records(TrainingStep(1, step, 0.7, 0.5, 0.1, 16 * step)), 100.0 + 2 * step)
    assert run.view().images_per_second == pytest.approx(16 / 2)
    assert run.view().seconds_left == 0


def test_a_parked_run_waits_again_when_it_is_called():
    run = new_state()
    run.apply(records(BEGAN, TrainingStep(1, 1, 0.7, 0.5, 0.1, 64)), 100.0)
    run.apply([{"kind": "Paused", "away": True}], 101.0)
    assert (run.view().state, run.view().away, run.view().parked) == (PAUSED, True, False)
    run.apply([{"kind": "Parked"}], 102.0)
    assert (run.view().state, run.view().parked, run.now.parkings) == (PAUSED, True, 1)
    run.apply([{"kind": "Called"}], 103.0)
    assert (run.view().state, run.view().parked, run.view().away) == (WAITING, False, False)
    run.apply(records(dataclasses.replace(BEGAN, step=1), TrainingStep(1, 2, 0.6, 0.5, 0.1, 128)), 104.0)
    assert (run.view().state, run.view().resumed, len(run.view().steps)) == (RUNNING, 1, 2)
