"""A new cluster gets the runs of the one that died, but for one under which clusters die again and again."""

import pytest

from core.jobs.job_manager import JobManager
from core.jobs.processes.dispatch import Dispatcher
from core.jobs.run_queue import DEATHS_ALLOWED
from core.jobs.run_state import FAILED, WAITING
from tests.core.jobs.quick_runs import QUICK, SIZE, SKETCHES


@pytest.fixture
def sent(monkeypatch):
    """The runs that a cluster would get."""
    sent = []
    monkeypatch.setattr(Dispatcher, "threads", 1)
    monkeypatch.setattr(Dispatcher, "send_run", lambda self, spec, folder, attempt: sent.append(spec.run_id))
    return sent


@pytest.fixture
def manager(tmp_path):
    manager = JobManager(tmp_path)
    yield manager
    manager.close()


def test_only_the_run_under_which_each_cluster_died_ends_with_a_sentence(manager, sent):
    first, second = (manager.start(owner, SKETCHES, SIZE, QUICK) for owner in ("ann", "bob"))
    for _ in range(DEATHS_ALLOWED):
        manager._runs.find("ann", first).log("Placed", words="worker-1")
        sent.clear()
        manager._resend()
        assert sorted(sent) == sorted([first, second])
    manager._runs.find("ann", first).log("Placed", words="worker-1")
    sent.clear()
    manager._resend()
    assert sent == [second]
    view = manager.watch("ann", first)
    assert (view.state, "memory ran out" in view.error) == (FAILED, True)
    assert manager.watch("bob", second).state == WAITING


def test_a_cluster_that_dies_while_runs_only_wait_costs_none(manager, sent):
    run_id = manager.start("ann", SKETCHES, SIZE, QUICK)
    for _ in range(DEATHS_ALLOWED + 2):
        manager._resend()
    assert manager.watch("ann", run_id).state == WAITING


@pytest.mark.parametrize(
    "find", [JobManager._resend, lambda manager: manager.supervisor.adopt()], ids=["resent", "adopted"]
)
def test_a_run_that_ended_just_before_its_cluster_died_holds_no_place_in_the_queue(find, manager, sent):
    ended, waiting = (manager.start(owner, SKETCHES, SIZE, QUICK) for owner in ("ann", "bob"))
    assert manager.watch("bob", waiting).queue_position == 1
    manager._runs.find("ann", ended).log("Failed", error="No memory.")
    find(manager)
    assert [entry.run_id for entry in manager.store.queue()] == [waiting]
    assert manager.watch("bob", waiting).queue_position == 0
