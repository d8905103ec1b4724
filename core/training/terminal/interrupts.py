"""Ctrl-C as a request that a loop can look at between two steps."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType, TracebackType
from typing import Any


class Interrupts:
    """Inside, the first Ctrl-C sets `requested`, and the second interrupts at once as usual.

    Without a main thread, or where several processes have to agree on a step, it leaves everything as it is.
    """

    def __init__(self, enabled: bool = True) -> None:
        self._enabled = enabled and threading.current_thread() is threading.main_thread()
        self._before: Any = None
        self.requested = False

    def __enter__(self) -> Interrupts:
        if self._enabled:
            self._before = signal.signal(signal.SIGINT, self._request)
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._enabled:
            signal.signal(signal.SIGINT, self._before)

    def _request(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
        print("\nStopping after this step; press Ctrl-C again to stop at once.", file=sys.stderr)
