"""Memory through training and inference, found when somebody asks: most who want rows never do."""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.profiler.memory.iteration import Iteration
    from core.profiler.memory.usage import Usage


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """No garbage collection inside: it would look through all of torch; a profile's many small objects all live."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class LazyUsage:
    """The two usages that an iteration leads to, after its forward pass has run.

    Any number of threads may ask, at any time; the first goes through the rest of the iteration. Copies and pickles
    carry both usages.
    """

    def __init__(self, iteration: Iteration) -> None:
        self._lock = threading.RLock()
        self._iteration: Iteration | None = iteration
        self._usages: list[Usage] = []  # training, inference

    @property
    def training(self) -> Usage:
        """Of forward, loss, backward and update."""
        return self._one(0)

    @property
    def inference(self) -> Usage:
        """Of a prediction."""
        return self._one(1)

    def _one(self, index: int) -> Usage:
        with self._lock:
            while len(self._usages) <= index and self._iteration is not None:
                with uncollected():
                    self._usages.append(self._iteration.infer() if self._usages else self._iteration.train())
            if len(self._usages) == 2:
                self._iteration = None
            return self._usages[index]

    def __getstate__(self) -> dict[str, Any]:
        return {"_usages": [self.training, self.inference], "_iteration": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=threading.RLock())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LazyUsage):
            return NotImplemented
        return self is other or (self.training, self.inference) == (other.training, other.inference)

    __hash__ = None  # type: ignore[assignment]  # as Python itself says that something has no hash
