"""Runs counted by state from disk: the state is the one that a watcher of the run sees, and nothing is read twice."""

import random

import pytest

from core.jobs.job_spec import Source
from core.jobs.run_counts import STATES, RunCounts, state_of
from core.jobs.run_state import ENDED, FAILED, PAUSED, RUNNING, WAITING, RunState, RunView
from core.jobs.storage import event_log
from core.jobs.storage.event_log import EventLog
from core.jobs.storage.run_store import RunStore
from core.training import Began, Done, Epoch, TrainConfig, TrainingStep, to_dict
from core.training.confusion import ConfusionMatrix

BEGAN = to_dict(Began(0, 10, 5, 80, 20, 100, "cpu"))
STEP = to_dict(TrainingStep(1, 1, 0.7, 0.5, 0.1, 64))
EPOCH = to_dict(Epoch(1, 5, 0.7, 0.5, 0.7, 0.5, ConfusionMatrix.of([[10, 0], [10, 0]]), 50.0))
DONE = to_dict(Done("finished", 0, 2, 0.6, 0.5, 10.0, 1.0))
USAGE = {"kind": "Vitals", "step": 1, "images_per_second": 9.0, "memory_bytes": 1, "peak_bytes": 1}
PLACED, CALLED = {"kind": "Placed", "words": "worker-1"}, {"kind": "Called"}
PREPARING, RESUMED = {"kind": "Preparing", "done": 1, "total": 9}, {"kind": "Resumed"}
PAUSE, PARKED, FAIL = {"kind": "Paused", "away": False}, {"kind": "Parked"}, {"kind": "Failed", "error": "no room"}


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path)


def write(store, owner, run_id, *events):
    """A run whose event log has these events, a batch each; returns its folder."""
    folder = store.new_folder(owner, run_id).path
    folder.mkdir(parents=True)
    log = EventLog(folder / "diary.jsonl")
    for event in events:
        log.append(event)
    return folder


def lives():
    """Sequences of events as a run may write them, cut anywhere: each ends in some state."""
    chance = random.Random(0)
    for _ in range(60):
        life = [PLACED, *chance.choice(([], [PREPARING])), BEGAN]
        for _ in range(chance.randrange(4)):
            life += chance.choice(([STEP, USAGE], [EPOCH], [PAUSE, RESUMED], [PAUSE, PARKED, CALLED, PLACED, BEGAN]))
        life += chance.choice(([DONE], [FAIL], [DONE, USAGE]))
        yield life[: chance.randrange(len(life) + 1)]


def test_the_state_is_what_a_watcher_sees(store):
    for number, life in enumerate(lives()):
        folder = write(store, "somebody", f"run{number}", *life)
        watched = RunState(RunView("id", Source("Sketches", "sketches"), 16, TrainConfig()))
        watched.apply(life, 100.0)
        assert state_of(folder) == watched.now.state, [event["kind"] for event in life]


@pytest.mark.parametrize("tail", [1, 40, 300])
def test_the_end_of_a_log_is_enough(store, monkeypatch, tail):
    monkeypatch.setattr(event_log, "TAIL_BYTES", tail)
    folder = write(store, "somebody", "run1", BEGAN, *[STEP] * 50, DONE)
    assert state_of(folder) == ENDED
    assert len(event_log.last_batches(folder / "diary.jsonl")) < 52
    assert event_log.last_batches(folder / "nothing.jsonl") == []


def test_a_line_that_was_left_half_is_passed_over(store):
    folder = write(store, "somebody", "run1", BEGAN, PAUSE)
    with (folder / "diary.jsonl").open("ab") as file:
        file.write(b'\n{"at": 1, "said": [{"kind": "Do')
    assert state_of(folder) == PAUSED


def test_runs_of_all_owners_are_counted_and_those_that_are_over_are_read_once(store, monkeypatch):
    write(store, "ann", "run1", BEGAN)
    write(store, "ann", "run2", BEGAN, DONE)
    write(store, "bob", "run3", FAIL)
    write(store, "bob", "run4")
    store.touch_owner("bob", 0.0)
    store.enqueue("cpu", "ann", "run1")
    store.enqueue("cuda:0", "bob", "run4")
    store.enqueue("cpu", "bob", "run5")
    counts = RunCounts(store)
    assert counts.by_state() == {**dict.fromkeys(STATES, 0), RUNNING: 1, ENDED: 1, FAILED: 1, WAITING: 1}
    assert counts.queue_lengths() == {"cpu": 2, "cuda:0": 1}
    read = []
    monkeypatch.setattr("core.jobs.run_counts.state_of", lambda path: read.append(path.name) or WAITING)
    assert counts.by_state()[ENDED] == 1
    assert sorted(read) == ["run1", "run4"]
    store.remove("ann", "run2")
    assert counts.by_state()[ENDED] == 0
