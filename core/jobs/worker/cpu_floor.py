"""Training gives way to the pages, yet never starves beside them: a floor under its share of the processor.

At niceness 19 a thread gets a hundredth of a core that somebody else keeps busy. So while this process gets too little,
its session gives way less, and the steps of a run are taken by another thread, which is less nice. It takes a second
one, since without privileges a thread may become nicer but never less nice again; for sessions Linux allows both.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Self, TypeVar

from core.jobs.worker.niceness import be_nice, let_session_give_way, niceness
from core.limits import limits

T = TypeVar("T")

FIRM_NICENESS = 5  # a quarter of a core that a page keeps busy
WINDOW_S = 0.5  # over which the share is measured
HOLD_S = (4.0, 32.0)  # until it is tried again whether giving way leaves enough: at first, and at most


def firm_niceness() -> int:
    """That of threads that somebody waits for, or that would starve otherwise."""
    return min(FIRM_NICENESS, niceness())


class CpuFloor:
    """Whether this process gives way (`is_firm` is False) or, having got too little, does so less for a while."""

    def __init__(self) -> None:
        self.is_firm = False
        self._until, self._hold_s = 0.0, HOLD_S[0]
        self._tasks, self._lock, self._idle = 0, threading.Lock(), threading.Event()

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """The share is watched while the block runs; blocks of several threads may overlap."""
        with self._lock:
            self._tasks += 1
            if self._tasks == 1:
                self._idle = threading.Event()
                threading.Thread(target=self._watch, args=(self._idle,), name="cpu floor", daemon=True).start()
        try:
            yield
        finally:
            with self._lock:
                self._tasks -= 1
                if not self._tasks:
                    self._idle.set()

    def update(self, now_s: float, cores: float) -> None:
        """Decide anew, given the time and how many cores this process had in the last window."""
        if self.is_firm:
            if now_s >= self._until:
                self._switch(False)
        elif cores < limits().training_cores:
            self._switch(True)
            self._until, self._hold_s = now_s + self._hold_s, min(2 * self._hold_s, HOLD_S[1])
        else:
            self._hold_s = HOLD_S[0]

    def _switch(self, is_firm: bool) -> None:
        self.is_firm = is_firm
        let_session_give_way(firm_niceness() if is_firm else niceness())

    def _watch(self, idle: threading.Event) -> None:
        now_s, cpu_s = time.monotonic(), time.process_time()
        while not idle.wait(WINDOW_S):
            before_s, had_s = now_s, cpu_s
            now_s, cpu_s = time.monotonic(), time.process_time()
            self.update(now_s, (cpu_s - had_s) / (now_s - before_s))
        if self.is_firm:
            self._switch(False)


CPU_FLOOR = CpuFloor()  # of this process


class FirmThread:
    """A thread that is less nice, waiting. To be entered in one that is not nice itself, for niceness is inherited."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "firm", initializer=be_nice, initargs=(firm_niceness(),))

    def __enter__(self) -> Self:
        self._pool.submit(int).result()  # it begins now
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.shutdown()

    def steps(self, iterator: Iterator[T], is_firm: Callable[[], bool] = lambda: CPU_FLOOR.is_firm) -> Iterator[T]:
        """The same items, each computed by the thread that iterates or, if then `is_firm()`, by this one."""
        end = object()
        while True:
            item = self._pool.submit(next, iterator, end).result() if is_firm() else next(iterator, end)
            if item is end:
                return
            yield item  # type: ignore[misc]
