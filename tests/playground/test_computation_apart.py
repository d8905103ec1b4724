"""Heavy computations in a process beside the server: where they run, and who waits for whom."""

import os
import threading
from collections.abc import Callable

import pytest

from core.errors import PlaygroundError
from core.jobs.process_pool.pool import ProcessPool
from playground import computation_gate
from tests.core.jobs import computations
from tests.playground.test_computation_gate import PATIENCE_S, Dropped, in_thread, until


@pytest.fixture
def pool(monkeypatch):
    """One process that computes apart, as a server has it."""
    one = ProcessPool(1)
    one.start()
    until(lambda: one.is_available)
    monkeypatch.setattr(computation_gate, "pool", lambda: one)
    computation_gate._gate_of_pool.cache_clear()
    yield one
    one.close()
    computation_gate._gate_of_pool.cache_clear()


def test_with_a_process_heavy_functions_run_there_and_without_one_here(pool):
    process_id = computation_gate.cached(4, apart=True)(computations.process_id)
    assert process_id() == pool.pids[0]
    pool.close()
    process_id.clear()
    assert process_id() == os.getpid()


def test_apart_or_here_a_refusal_has_the_same_sentence(pool):
    refuse = computation_gate.cached(4, apart=True)(computations.refuse)
    for _ in range(2):
        with pytest.raises(PlaygroundError, match=r"^too large$"):
            refuse("playground")
        pool.close()


def test_arguments_by_name_go_there_too(pool):
    assert computation_gate.cached(4, apart=True)(computations.echo)(value=3) == 3


def test_what_is_lost_is_not_kept(pool, tmp_path):
    pids = computation_gate.cached(4, apart=True)(computations.die_twice)
    with pytest.raises(PlaygroundError, match="probably because memory ran out"):
        pids(str(tmp_path))
    assert pids(str(tmp_path)) not in (os.getpid(), None), "the same works the next time"


def test_what_is_computed_apart_and_what_is_computed_here_do_not_wait_for_each_other(pool):
    with computation_gate.turn():  # the only one here
        assert run(lambda: computation_gate.compute(computations.echo, 1)) == 1
    with computation_gate.turn(apart=True):
        assert run(lambda: computation_gate.in_turn(computations.echo)(2)) == 2


def test_who_waits_for_a_process_is_served_in_turn_and_may_leave(pool, monkeypatch):
    left, stale = [], threading.Event()

    def check() -> None:
        if stale.is_set():
            raise Dropped

    monkeypatch.setattr(computation_gate, "drop_if_stale", check)

    def compute() -> None:
        with pytest.raises(Dropped):
            computation_gate.compute(computations.echo, 1)
        left.append("it")

    waiting = computation_gate._gate_of_pool()
    with computation_gate.turn(apart=True):
        thread = in_thread(compute)
        until(lambda: waiting.waiting == 1)
        stale.set()
        thread.join(PATIENCE_S)
    assert left == ["it"]
    assert waiting.waiting == 0


def run(work: Callable[[], object]) -> object:
    """What a thread of its own gives."""
    results: list[object] = []
    in_thread(lambda: results.append(work())).join(PATIENCE_S)
    return results[0]
