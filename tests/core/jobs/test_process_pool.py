"""Processes beside the server: what they give back, how they die and are replaced, and that none is left behind."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from core.errors import ComputationLostError, PlaygroundError, ShapeError
from core.jobs.process_pool import pool as pools
from core.jobs.process_pool.pool import PoolUnavailableError, ProcessPool
from core.profiler.rows import LayerError
from tests.core.jobs import computations

ROOT = Path(__file__).parents[3]
PATIENCE_S = 120
SERVER = """
import time
from core.jobs.process_pool.pool import ProcessPool
from tests.core.jobs import computations
pool = ProcessPool(1)
pool.start()
while not pool.is_available:
    time.sleep(0.01)
print(*pool.pids, flush=True)
pool.compute(computations.stay, {path!r})
"""


def until(condition) -> None:
    waiting = threading.Event()
    for _ in range(PATIENCE_S * 20):
        if condition():
            return
        waiting.wait(0.05)
    raise AssertionError("it never came true")


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.fixture(scope="module")
def pool():
    one = ProcessPool(1)
    one.start()
    until(lambda: one.is_available)
    yield one
    one.close()


def test_it_computes_in_another_process_and_in_the_same_one_each_time(pool):
    first, second = (pool.compute(computations.process_id) for _ in range(2))
    assert first == second == pool.pids[0] != os.getpid()
    assert pool.compute(computations.echo, {"a": (1, 2.5, "ü")}) == {"a": (1, 2.5, "ü")}


def test_what_is_raised_there_is_raised_here(pool):
    with pytest.raises(PlaygroundError, match=r"^too large$"):
        pool.compute(computations.refuse, "playground")
    with pytest.raises(ShapeError, match=r"^7x7 does not fit$"):
        pool.compute(computations.refuse, "shape")
    with pytest.raises(LayerError, match=r"^it stops at fc$") as stopped:
        pool.compute(computations.refuse, "layer")
    assert stopped.value.failed.value == 3
    with pytest.raises(ZeroDivisionError, match="a mistake of ours") as mistake:
        pool.compute(computations.refuse, "bug")
    assert "computations.py" in "".join(mistake.value.__notes__), "the log says where it was"


def test_what_cannot_be_sent_back_is_an_error_and_the_process_goes_on(pool):
    process = pool.pids
    with pytest.raises(TypeError, match="function cannot be sent"):
        pool.compute(computations.unsendable)
    with pytest.raises(TypeError, match="OddError cannot be sent"):
        pool.compute(computations.refuse, "odd")
    with pytest.raises((AttributeError, TypeError, ValueError)):
        pool.compute(lambda: 1)
    assert pool.compute(computations.process_id) == process[0]


def test_a_process_that_dies_is_replaced_and_its_computation_done_once_more(pool, tmp_path):
    before = pool.compute(computations.process_id)
    after = pool.compute(computations.die_once, str(tmp_path / "died"))
    assert after not in (before, os.getpid())
    os.kill(after, signal.SIGKILL)  # while it has nothing to do
    until(lambda: is_gone(after))
    assert pool.compute(computations.process_id) not in (before, after)


def test_a_computation_that_ends_two_processes_is_given_up_with_a_sentence(pool):
    with pytest.raises(ComputationLostError, match="choose a smaller network"):
        pool.compute(computations.die)
    assert pool.compute(computations.echo, 1) == 1


def test_without_a_process_it_says_so():
    none, not_begun = ProcessPool(0), ProcessPool(1)
    none.start()
    for one in (none, not_begun):
        assert not one.is_available
        with pytest.raises(PoolUnavailableError):
            one.compute(computations.echo, 1)


def test_a_process_that_cannot_start_makes_the_pool_unavailable(monkeypatch):
    monkeypatch.setattr(pools, "PAUSE_S", 1e9)
    one = ProcessPool(1, ["no.such.module"])
    one._start_all()
    assert not one.is_available
    with pytest.raises(PoolUnavailableError):
        one.compute(computations.echo, 1)
    one._slots[0].process = object.__new__(pools.WorkerProcess)  # one was there and has died
    assert not one.is_available, "it is not tried again for each visitor"


def test_closing_ends_what_is_computed_and_starts_nothing_more(tmp_path):
    one, raised = ProcessPool(1), []
    one.start()
    until(lambda: one.is_available)
    pid, begun = one.pids[0], tmp_path / "begun"

    def compute() -> None:
        try:
            one.compute(computations.stay, str(begun))
        except ComputationLostError as error:
            raised.append(str(error))

    thread = threading.Thread(target=compute)
    thread.start()
    until(begun.exists)
    one.close()
    one.close()
    thread.join(PATIENCE_S)
    assert raised == [pools.CLOSING]
    assert is_gone(pid)
    assert one.pids == []


def test_no_process_outlives_a_server_that_is_killed(tmp_path):
    begun = tmp_path / "begun"
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER.format(path=str(begun))], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with server:
        pid = int(server.stdout.readline())
        until(begun.exists)  # it computes, and never comes to an end by itself
        server.kill()
    until(lambda: is_gone(pid))
