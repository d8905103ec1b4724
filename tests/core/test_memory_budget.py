"""Threads that share a budget never hold more than it, and each has its turn."""

import threading
from concurrent.futures import ThreadPoolExecutor

from core.images.memory_budget import MemoryBudget


def test_threads_together_never_hold_more_than_the_budget():
    budget, held, most, lock = MemoryBudget(100), 0, 0, threading.Lock()

    def hold(size: int) -> None:
        nonlocal held, most
        with budget.reserved(size):
            with lock:
                held += size
                most = max(most, held)
            with lock:
                held -= size

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(hold, [30, 60, 10, 100, 50] * 40))
    assert 60 <= most <= 100
    assert held == 0


def test_more_than_the_whole_budget_is_had_alone():
    budget, entered = MemoryBudget(100), threading.Event()

    def enter() -> None:
        with budget.reserved(1_000):
            entered.set()

    with budget.reserved(1):
        thread = threading.Thread(target=enter)
        thread.start()
        assert not entered.wait(0.05)
    thread.join(60)
    assert entered.is_set()
