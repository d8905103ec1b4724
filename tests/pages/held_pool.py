"""Processes beside the server that do not answer one question before they are told to."""

import threading
from collections.abc import Callable

from core.jobs.process_pool.pool import ProcessPool

PATIENCE_S = 120


class HeldPool(ProcessPool):
    """Computes here; `function` once `hold` is set, or raises `error` instead."""

    is_available = True

    def __init__(self, function: Callable[..., object]) -> None:
        super().__init__(1)
        self.function, self.hold = function, threading.Event()
        self.error: Exception | None = None

    def compute(self, function, *arguments):
        if function is self.function:
            assert self.hold.wait(PATIENCE_S)
            if self.error:
                raise self.error
        return function(*arguments)
