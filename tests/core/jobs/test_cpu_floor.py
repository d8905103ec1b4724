"""A process that gets too little of the processor gives way less for a while, and then tries again."""

import os
import sys
import threading
import time

import pytest

from core.jobs.worker import cpu_floor
from core.jobs.worker.cpu_floor import HOLD_S, CpuFloor, FirmThread
from core.jobs.worker.niceness import in_nice_thread
from core.limits import limits

STARVED, ENOUGH = limits().training_cores / 10, 2 * limits().training_cores


@pytest.fixture
def written(monkeypatch) -> list[int]:
    """The niceness of the session, each time that it is set."""
    values: list[int] = []
    monkeypatch.setenv("CNN_PLAYGROUND_NICENESS", "19")
    monkeypatch.setattr(cpu_floor, "let_session_give_way", values.append)
    return values


def test_a_starved_process_is_firm_for_a_while_and_then_tries_again(written):
    floor = CpuFloor()
    floor.update(0.0, ENOUGH)
    assert not floor.is_firm
    floor.update(1.0, STARVED)
    assert floor.is_firm
    floor.update(1.0 + HOLD_S[0] - 0.1, STARVED)
    assert floor.is_firm
    floor.update(1.0 + HOLD_S[0], ENOUGH)
    assert not floor.is_firm
    assert written == [cpu_floor.FIRM_NICENESS, 19]


def test_it_tries_less_and_less_often_while_that_fails_and_as_often_as_at_first_once_it_succeeds(written):
    floor, now_s, holds = CpuFloor(), 0.0, []
    for _ in range(6):
        floor.update(now_s, STARVED)
        began_s = now_s
        while floor.is_firm:
            now_s += 0.5
            floor.update(now_s, STARVED)
        holds.append(now_s - began_s)
    assert holds == [4, 8, 16, 32, 32, 32]
    floor.update(now_s, ENOUGH)
    floor.update(now_s, STARVED)
    floor.update(now_s + HOLD_S[0], STARVED)
    assert not floor.is_firm


def test_the_share_is_watched_as_long_as_any_task_goes_on(written, monkeypatch):
    monkeypatch.setattr(cpu_floor, "WINDOW_S", 0.01)
    floor = CpuFloor()
    with floor.kept(), floor.kept():
        until = time.monotonic() + 60
        while not floor.is_firm and time.monotonic() < until:
            time.sleep(0.02)  # to sleep is to get nothing of the processor
        assert floor.is_firm
    (thread,) = [one for one in threading.enumerate() if one.name == "cpu floor"] or [None]
    if thread:
        thread.join(60)
    assert not floor.is_firm
    assert written[-1] == 19


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere niceness belongs to the whole process")
def test_the_nice_thread_takes_the_steps_and_while_that_is_too_little_the_less_nice_one(monkeypatch):
    monkeypatch.setenv("CNN_PLAYGROUND_NICENESS", "19")
    steps = ((number, threading.current_thread().name, os.nice(0)) for number in range(4))
    taken: list[tuple[int, str, int]] = []
    before = os.nice(0)

    def iterate(firm: FirmThread) -> None:
        taken.extend(firm.steps(steps, is_firm=lambda: len(taken) in (1, 2)))

    with FirmThread() as firm:
        in_nice_thread(iterate, firm)
    least = max(cpu_floor.FIRM_NICENESS, before)
    assert [number for number, _, _ in taken] == [0, 1, 2, 3]
    assert [(name.partition("_")[0], nice) for _, name, nice in taken] == [
        *(("nice", 19), ("firm", least)),
        *(("firm", least), ("nice", 19)),
    ]
    assert os.nice(0) == before


def test_what_goes_wrong_in_either_thread_comes_to_the_one_that_asked():
    def broken():
        yield 1
        raise ValueError("broken")

    for is_firm in (True, False):
        with FirmThread() as firm, pytest.raises(ValueError, match="broken"):
            list(firm.steps(broken(), lambda is_firm=is_firm: is_firm))
