"""Memory that several threads take in turns, so that together they never hold more than is allowed."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator


class MemoryBudget:
    """So many bytes. Who needs more than is free waits, and those who come later wait behind."""

    def __init__(self, total_bytes: int) -> None:
        self.total_bytes, self._used_bytes = total_bytes, 0
        self._turn, self._changed = threading.Lock(), threading.Condition()

    @contextlib.contextmanager
    def reserved(self, size_bytes: int) -> Iterator[None]:
        """The bytes are ours while the block runs; more than there are in all are had alone."""
        with self._turn, self._changed:
            self._changed.wait_for(lambda: not self._used_bytes or self._used_bytes + size_bytes <= self.total_bytes)
            self._used_bytes += size_bytes
        try:
            yield
        finally:
            with self._changed:
                self._used_bytes -= size_bytes
                self._changed.notify_all()
