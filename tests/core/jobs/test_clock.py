"""A clock that is put back or forward changes neither the order of the queue nor who is here."""

import dataclasses
import os
import time

import pytest

from core.jobs.run_state import RUNNING, RunState, RunView
from core.jobs.storage.run_store import RunStore
from core.training import Began, TrainingStep, to_dict
from tests.core.jobs.quick_runs import QUICK, SIZE, SKETCHES
from tests.core.jobs.test_storage import spec


def test_who_comes_later_is_behind_also_if_the_clock_was_put_back(tmp_path, monkeypatch):
    store, now = RunStore(tmp_path), time.time_ns()
    for run_id, at in (("first", now), ("second", now - 3600 * 10**9), ("third", now - 10**9), ("fourth", now + 1)):
        monkeypatch.setattr("core.jobs.storage.run_store.time.time_ns", lambda at=at: at)
        store.enqueue("cpu", "ann", run_id)
    assert [entry.run_id for entry in store.queue()] == ["first", "second", "third", "fourth"]


@pytest.mark.parametrize("hours", [-24, 24])
def test_an_owner_who_looks_is_here_whatever_the_clock_said_before(hours, tmp_path):
    store = RunStore(tmp_path)
    store.new_folder("ann", "arun").create(spec(run_id="arun"))
    store.touch_owner("ann", 60)
    then = time.time() + 3600 * hours
    os.utime(store.runs / "ann" / "seen", (then, then))
    store.touch_owner("ann", 60)
    assert abs(time.time() - store.last_seen("ann")) < 60


def test_a_speed_is_measured_anew_after_the_clock_was_put_back(monkeypatch):
    state = RunState(RunView("r", SKETCHES, SIZE, dataclasses.replace(QUICK, epochs=200)))
    state.apply([to_dict(Began(0, 1000, 5, 80, 20, 100, "cpu"))], 10_000.0)
    for step in range(1, 400):
        at = (10_000.0 if step < 100 else 5_000.0) + step / 10
        state.apply([to_dict(TrainingStep(1, step, 0.5, 0.5, 0.1, 16 * step))], at)
    monkeypatch.setattr("core.jobs.run_state.time.time", lambda: 5_000.0 + 40)
    view = state.view()
    assert (view.state, view.images_per_second) == (RUNNING, pytest.approx(160, rel=0.05))
    assert view.seconds_left > 0
    assert len(state._marks) < 100, "what is too old is forgotten"
