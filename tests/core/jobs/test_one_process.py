"""A small machine has one process that schedules runs and trains them; a run goes on in the next when it is killed."""

import dataclasses

import psutil
import pytest
import torch

from core import limits
from core.jobs.run_state import ENDED
from tests.core.jobs.quick_runs import QUICK, SIZE, SKETCHES, begun, descendants, ended, opened, until, weights

MIDDLE = dataclasses.replace(QUICK, epochs=30)


@pytest.fixture
def manager(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "size", lambda: "small")
    with opened(tmp_path) as manager:
        yield manager


def test_a_run_survives_the_process_that_schedules_and_trains(manager):
    undisturbed = manager.start("ann", SKETCHES, SIZE, MIDDLE)
    assert until(manager, "ann", undisturbed, ended).state == ENDED
    run_id = begun(manager, "bob", MIDDLE)
    process = psutil.Process(manager._dispatcher.cluster()._process.pid)
    assert descendants(process) == []
    process.kill()
    manager.command("bob", run_id, "run")
    assert until(manager, "bob", run_id, ended).resumed == 1
    found, expected = weights(manager, "bob", run_id), weights(manager, "ann", undisturbed)
    assert all(torch.equal(found[name], values) for name, values in expected.items())
