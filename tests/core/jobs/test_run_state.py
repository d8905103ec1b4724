"""A board is what its diary says, also after a run has started again."""

import dataclasses

import pytest

from core.jobs.job_spec import Source
from core.jobs.run_state import ENDED, PAUSED, RUNNING, WAITING, Board, View
from core.training import Began, Done, Epoch, Step, TrainConfig, to_dict

QUICK = TrainConfig(network="Cats and dogs", epochs=2, batch_size=128)


def board():
    return Board(View("id", Source("Sketches", "sketches"), 16, QUICK))


def told(*events):
    return [to_dict(event) for event in events]


BEGAN = Began(0, 10, 5, 80, 20, 100, "cpu")


def test_a_board_goes_through_the_life_of_a_run():
    b = board()
    assert b.state == WAITING
    b.hear(told(BEGAN, Step(1, 1, 0.7, 0.5, 0.1, 64)), 100.0)
    assert (b.state, b.view().share) == (RUNNING, 0.1)
    b.hear([{"kind": "Paused", "away": False}], 100.0)
    assert (b.state, b.view().seconds_left) == (PAUSED, None)
    b.hear(
        [{"kind": "Resumed"}, *told(Step(1, 2, 0.6, 0.5, 0.1, 64), Done("stopped", 0, 2, 0.6, 0.5, 10.0, 1.0))], 100.0
    )
    view = b.view()
    assert (view.state, len(view.steps), view.is_over) == (ENDED, 2, True)
    b.hear(told(Step(1, 3, 0.5, 0.5, 0.1, 64)), 100.0)
    assert b.view() == view


def test_a_board_forgets_what_a_resumed_run_tells_again():
    b = board()
    epoch = Epoch(1, 5, 0.7, 0.5, 0.7, 0.5, ((10, 0), (10, 0)), 50.0)
    steps = [Step(1 + i // 5, i + 1, 0.7, 0.5, 0.1, 64) for i in range(8)]
    b.hear(told(BEGAN, *steps[:5], epoch, *steps[5:]), 100.0)
    b.hear(told(dataclasses.replace(BEGAN, step=5), *steps[5:6]), 100.0)
    assert [step.step for step in b.view().steps] == [1, 2, 3, 4, 5, 6]
    assert b.view().epochs == (epoch,)
    b.hear(told(BEGAN), 100.0)
    assert (b.view().steps, b.view().epochs) == ((), ())


def test_time_left_follows_the_present_speed(monkeypatch):
    monkeypatch.setattr("core.jobs.run_state.time.time", lambda: 108.0)
    b = board()
    b.hear(told(BEGAN), 100.0)
    for step in (1, 2, 3, 4):
        b.hear(told(Step(1, step, 0.7, 0.5, 0.1, 16 * step)), 100.0 + 2 * step)
    assert b.view().seconds_left == pytest.approx((10 - 4) * 2)
    assert b.view().images_per_second == pytest.approx(16 / 2)


def test_a_diary_that_is_read_late_tells_the_same_speed(monkeypatch):
    """Times are those at which things were said, not those at which they are heard."""
    monkeypatch.setattr("core.jobs.run_state.time.time", lambda: 1000.0)
    b = board()
    b.hear(told(BEGAN), 100.0)
    for step in (1, 2, 3, 4):
        b.hear(told(Step(1, step, 0.7, 0.5, 0.1, 16 * step)), 100.0 + 2 * step)
    assert b.view().images_per_second == pytest.approx(16 / 2)
    assert b.view().seconds_left == 0


def test_a_parked_run_waits_again_when_it_is_called():
    b = board()
    b.hear(told(BEGAN, Step(1, 1, 0.7, 0.5, 0.1, 64)), 100.0)
    b.hear([{"kind": "Paused", "away": True}], 101.0)
    assert (b.view().state, b.view().away, b.view().parked) == (PAUSED, True, False)
    b.hear([{"kind": "Parked"}], 102.0)
    assert (b.view().state, b.view().parked, b.parkings) == (PAUSED, True, 1)
    b.hear([{"kind": "Called"}], 103.0)
    assert (b.view().state, b.view().parked, b.view().away) == (WAITING, False, False)
    b.hear(told(dataclasses.replace(BEGAN, step=1), Step(1, 2, 0.6, 0.5, 0.1, 128)), 104.0)
    assert (b.view().state, b.view().resumed, len(b.view().steps)) == (RUNNING, 1, 2)
