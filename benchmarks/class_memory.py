"""What a server holds in memory while a class is there."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import psutil

POOL = "core.jobs.process_pool.serve"
LOOK_AT_BOTH = 10  # half seconds


@dataclass
class Memory:
    """The server's own memory in MB, looked at twice a second; the processes that train are not part of it.

    `both_mb` is the peak together with the processes that compute for it, what they share counted once.
    """

    server: psutil.Process
    peak_mb: float = 0.0
    both_mb: float = 0.0

    @property
    def now_mb(self) -> float:
        return self.server.memory_info().rss / 1e6

    @property
    def proportional_mb(self) -> float:
        """What is shared with other processes counts in parts."""
        return self.server.memory_full_info().pss / 1e6

    @property
    def now_both_mb(self) -> float:
        """What is shared counts in parts, with the processes that compute for the server."""
        total = self.proportional_mb
        for child in self.server.children():
            with contextlib.suppress(psutil.Error):  # it has just ended
                if POOL in child.cmdline():
                    total += child.memory_full_info().pss / 1e6
        return total

    @property
    def cpu_s(self) -> float:
        """Its processor time so far, user and system."""
        return sum(self.server.cpu_times()[:2])

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Note the peaks of the block."""
        self.peak_mb, self.both_mb, over = self.now_mb, self.now_both_mb, threading.Event()

        def watch() -> None:
            for half_second in itertools.count():
                if over.wait(0.5):
                    return
                self.peak_mb = max(self.peak_mb, self.now_mb)
                if half_second % LOOK_AT_BOTH == 0:  # it goes through all pages
                    self.both_mb = max(self.both_mb, self.now_both_mb)

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
