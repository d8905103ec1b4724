"""Heavy computations: few at a time, fair between visitors, dropped once nobody wants them, and none is lost."""

import functools
import threading
from collections.abc import Callable

import pytest
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests

from playground import computation_gate
from playground.computation_gate import ComputationGate, QueueFullError
from tests.core.jobs import computations

PATIENCE_S = 240


class Dropped(Exception):
    """What a check raises whose visitor wants something else by now."""


def gate(at_once: int = 1, per_visitor: int = 9, per_server: int = 99) -> ComputationGate:
    return ComputationGate(at_once, per_visitor, per_server)


def in_thread(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def until(condition: Callable[[], bool]) -> None:
    waiting = threading.Event()
    for _ in range(PATIENCE_S * 100):
        if condition():
            return
        waiting.wait(0.01)
    raise AssertionError("it never came true")


def queue_up(one: ComputationGate, visitors: str) -> list[str]:
    """Have these visitors wait while another computation runs, then let them; in which order they came."""
    order: list[str] = []

    def compute(visitor: str) -> None:
        with one.turn(visitor):
            order.append(visitor)

    threads = []
    with one.turn("somebody"):
        for visitor in visitors:
            waiting = one.waiting
            threads.append(in_thread(lambda visitor=visitor: compute(visitor)))
            until(lambda waiting=waiting: one.waiting == waiting + 1)
    for thread in threads:
        thread.join(PATIENCE_S)
    return order


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_no_more_than_allowed_run_at_a_time(at_once):
    one, running, most, lock = gate(at_once), 0, 0, threading.Lock()
    full = threading.Event()

    def compute() -> None:
        nonlocal running, most
        with one.turn():
            with lock:
                running, most = running + 1, max(most, running + 1)
                if running == at_once:
                    full.set()
            full.wait(PATIENCE_S)
            with lock:
                running -= 1

    threads = [in_thread(compute) for _ in range(3 * at_once)]
    for thread in threads:
        thread.join(PATIENCE_S)
    assert most == at_once
    assert one.waiting == 0


def test_whoever_was_served_longest_ago_is_next():
    one = gate()
    assert queue_up(one, "aaabbc") == ["a", "b", "c", "a", "b", "a"]
    assert queue_up(one, "ab") == ["b", "a"], "a was served last"


def test_a_visitor_alone_is_served_in_order():
    assert queue_up(gate(), "aaa") == ["a", "a", "a"]


def test_what_nobody_waits_for_comes_after_the_rest_but_not_for_ever():
    now = 0.0
    one, order = ComputationGate(1, 9, 99, clock=lambda: now), []

    def compute(name: str, later: bool) -> None:
        with one.turn(name, behind_s=computation_gate.LATER_BEHIND_S if later else 0.0, counts=not later):
            order.append(name)

    def begin(name: str, later: bool) -> threading.Thread:
        waiting = one.waiting
        thread = in_thread(lambda: compute(name, later))
        until(lambda: one.waiting == waiting + 1)
        return thread

    for passed_s in (0.0, 2 * computation_gate.LATER_BEHIND_S):
        with one.turn("somebody"):
            threads = [begin("later", True), begin("first", False), begin("second", False)]
            now += passed_s
        for thread in threads:
            thread.join(PATIENCE_S)
    assert order[:3] == ["first", "second", "later"]
    assert order[3:] == ["later", "first", "second"], "it has waited long enough, and did not count as served"


def test_what_takes_long_lets_what_is_short_go_first():
    now = 0.0
    expected = computation_gate.ExpectedTimes(lambda: now)
    assert not expected.behind_s(computations.echo), "nothing is known of it yet"
    for took_s, behind_s in (
        (1.0, computation_gate.HEAVY_BEHIND_S),
        (0.1, computation_gate.HEAVY_BEHIND_S),
        (0.0, 0.0),
    ):
        with expected.measured(functools.partial(computations.echo, value=1)):
            now += took_s
        assert expected.behind_s(computations.echo) == behind_s, took_s
    assert not expected.behind_s(computations.process_id)


def test_what_fails_makes_room():
    one = gate()
    with pytest.raises(ZeroDivisionError), one.turn("a"):
        raise ZeroDivisionError
    assert queue_up(one, "bc") == ["b", "c"]


@pytest.mark.parametrize("waits", [True, False])
def test_a_stale_computation_is_dropped_before_it_begins(waits):
    one, begun, is_stale = gate(), [], threading.Event()

    def check() -> None:
        if is_stale.is_set():
            raise Dropped

    def compute() -> None:
        with pytest.raises(Dropped), one.turn("a", check):
            begun.append("a")

    if waits:
        with one.turn("b"):
            thread = in_thread(compute)
            until(lambda: one.waiting == 1)
            is_stale.set()
            thread.join(PATIENCE_S)
            assert not thread.is_alive(), "it is dropped while another computation still runs"
    else:
        is_stale.set()
        compute()
    assert not begun
    assert one.waiting == 0
    assert queue_up(one, "cd") == ["c", "d"]


def test_a_turn_inside_of_a_turn_does_not_wait_for_itself():
    one = gate()
    with one.turn("a"), one.turn("a"):
        assert one.waiting == 0
    assert queue_up(one, "a") == ["a"]


def test_too_many_are_sent_away():
    one, sent_away = gate(per_visitor=1, per_server=2), []

    def compute(visitor: str) -> None:
        try:
            with one.turn(visitor):
                pass
        except QueueFullError:
            sent_away.append(visitor)

    with one.turn("somebody"):
        waiting = [in_thread(lambda: compute("a"))]
        until(lambda: one.waiting == 1)
        in_thread(lambda: compute("a")).join(PATIENCE_S)
        waiting.append(in_thread(lambda: compute("b")))
        until(lambda: one.waiting == 2)
        in_thread(lambda: compute("c")).join(PATIENCE_S)
    for thread in waiting:
        thread.join(PATIENCE_S)
    assert sent_away == ["a", "c"], "one of its own waits already; the queue is full"


def test_equal_settings_are_computed_once_for_all_who_wait():
    calls, begun, go_on = [], threading.Event(), threading.Event()

    @computation_gate.cached(10)
    def square(number: int) -> int:
        calls.append(number)
        begun.set()
        go_on.wait(PATIENCE_S)
        return number * number

    results: list[int] = []
    threads = [in_thread(lambda: results.append(square(7))) for _ in range(4)]
    assert begun.wait(PATIENCE_S)
    go_on.set()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert results == [49] * 4
    assert calls == [7]
    assert square(8) == 64
    assert calls == [7, 8]


def test_one_core_is_left_to_what_does_not_pass(monkeypatch):
    monkeypatch.setattr(computation_gate.cpu_count, "allowed", lambda: 2)
    computation_gate.gate.cache_clear()
    assert computation_gate.gate().at_once == 1
    monkeypatch.setattr(computation_gate.cpu_count, "allowed", lambda: 1)
    computation_gate.gate.cache_clear()
    assert computation_gate.gate().at_once == 1
    computation_gate.gate.cache_clear()


def requests_with(*wanted: RerunData) -> ScriptRequests:
    """As they are while a script runs."""
    requests = ScriptRequests()
    for data in wanted:
        requests.request_rerun(data)
    return requests


def test_a_newer_setting_of_the_same_fragment_makes_a_run_stale():
    newer = RerunData(fragment_id="results", query_string="p=0.3")
    requests = requests_with(newer)
    found = computation_gate._newer(requests, ["results"])
    assert found is not None
    assert found.query_string == "p=0.3"
    assert computation_gate._newer(requests, ["results"]) is None, "it is taken out of the requests"


@pytest.mark.parametrize(
    ("wanted", "fragments"),
    [
        ([], ["results"]),
        ([RerunData(fragment_id="another")], ["results"]),
        ([RerunData(fragment_id="results")], ["results", "another"]),
        ([RerunData(fragment_id="results", is_auto_rerun=True)], ["results"]),
        ([RerunData(fragment_id="results")], []),
    ],
)
def test_other_requests_do_not(wanted, fragments):
    assert computation_gate._newer(requests_with(*wanted), fragments) is None


def test_outside_of_a_page_nothing_is_stale():
    computation_gate.drop_if_stale()
    with computation_gate.turn():
        pass
