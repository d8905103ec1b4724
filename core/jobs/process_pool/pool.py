"""Some processes that compute for the server; one that dies is replaced."""

from __future__ import annotations

import atexit
import contextlib
import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from core.errors import ComputationLostError
from core.jobs.process_pool.worker_process import ProcessDiedError, WorkerProcess

Result = TypeVar("Result")

ATTEMPTS = 2  # at one computation
PAUSE_S = 60.0  # after a process could not be started
DIED = (
    "The process that computed this ended before it was done, and so did the one after it, probably because memory ran "
    "out: choose a smaller network or smaller values."
)
CLOSING = "This server is shutting down: open the page again in a minute."


class PoolUnavailableError(Exception):
    """There is no process: compute it yourself."""


class _Slot:
    """Room for a process; whoever has taken it from the queue of free ones may use it."""

    process: WorkerProcess | None = None


class ProcessPool:
    """At most `size` processes with these modules imported, that live until the server ends.

    `start` is called once, when the server has time for it; until one is there, nothing is available.
    """

    def __init__(self, size: int, modules: Sequence[str] = ()) -> None:
        self.size, self._modules = size, tuple(modules)
        self._slots = [_Slot() for _ in range(size)]
        self._free: queue.LifoQueue[_Slot] = queue.LifoQueue()
        self._begun, self._is_closed, self._lock = False, False, threading.Lock()
        self._paused_until = 0.0

    @property
    def is_available(self) -> bool:
        """Whether a computation would be taken, at once or when its turn comes."""
        started = any(slot.process is not None for slot in self._slots)
        return started and not self._is_closed and time.monotonic() >= self._paused_until

    @property
    def pids(self) -> list[int]:
        """Of the processes that there are."""
        return [process.pid for slot in self._slots if (process := slot.process) is not None]

    def start(self) -> None:
        """Start the processes, one after another in a thread of its own. A second call is no harm."""
        with self._lock:
            if self._begun or not self.size:
                return
            self._begun = True
        atexit.register(self.close)
        threading.Thread(target=self._start_all, name="process pool", daemon=True).start()

    def compute(self, function: Callable[..., Result], *arguments: object) -> Result:
        """`function(*arguments)` in one of the processes, as soon as one is free. Its process may die once.

        Raises: what the function raises; ComputationLostError if its process dies twice or the server ends;
        PoolUnavailableError if there is no process and none can be started.
        """
        if not self.is_available:
            raise PoolUnavailableError
        slot = self._free.get()
        try:
            for _ in range(ATTEMPTS):
                process = self._process_of(slot)
                try:
                    return process.compute(function, *arguments)
                except ProcessDiedError:
                    process.close()
            raise ComputationLostError(CLOSING if self._is_closed else DIED)
        finally:
            self._free.put(slot)

    def close(self) -> None:
        """End all processes; what they compute is given up."""
        self._is_closed = True
        atexit.unregister(self.close)
        for slot in self._slots:
            with self._lock:
                process, slot.process = slot.process, None
            if process is not None:
                process.close()

    def _start_all(self) -> None:
        for slot in self._slots:
            with contextlib.suppress(PoolUnavailableError, ComputationLostError):  # whoever needs it tries again
                self._process_of(slot)
            self._free.put(slot)

    def _process_of(self, slot: _Slot) -> WorkerProcess:
        """The slot's process, a new one if there is none alive."""
        if slot.process is not None:
            if slot.process.is_alive:
                return slot.process
            slot.process.close()
        if self._is_closed:
            raise ComputationLostError(CLOSING)
        try:
            process = WorkerProcess(self._modules)
        except ProcessDiedError as error:
            self._paused_until = time.monotonic() + PAUSE_S
            raise PoolUnavailableError from error
        with self._lock:
            if not self._is_closed:
                slot.process = process
                return process
        process.close()
        raise ComputationLostError(CLOSING)
