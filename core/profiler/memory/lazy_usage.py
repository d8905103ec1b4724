"""Memory through training and inference, found when somebody asks: most who want rows never do."""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import torch

from core.errors import PlaygroundError

if TYPE_CHECKING:
    from core.profiler.memory.iteration import Iteration
    from core.profiler.memory.usage import Usage

# the iteration that goes on where another cannot, and what has to be said of it; raises the error where none can
Instead = Callable[[PlaygroundError], "tuple[Iteration, str]"]


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

    Any number of threads may ask, at any time; the first goes through the rest of the iteration. An error is kept and
    raised again. Copies and pickles carry both usages.
    """

    def __init__(self, iteration: Iteration, instead: Instead | None = None) -> None:
        self._lock = threading.RLock()
        self._iteration: Iteration | None = iteration
        self._instead = instead
        self._usages: list[Usage | PlaygroundError] = []  # training, inference
        self._flops = (0, 0)  # of forward with loss, and of backward
        self._note = ""

    @property
    def training(self) -> Usage:
        """Of forward, loss, backward and update."""
        return self._one(0)

    @property
    def inference(self) -> Usage:
        """Of a prediction."""
        return self._one(1)

    @property
    def flops(self) -> tuple[int, int]:
        """Floating-point operations of forward with loss, and of backward: two a multiply-accumulate."""
        _ = self.training
        return self._flops

    @property
    def note(self) -> str:
        """What has to be said of the usages that are known by now."""
        return self._note

    def _one(self, index: int) -> Usage:
        with self._lock, torch.inference_mode(False):
            while len(self._usages) <= index and self._iteration is not None:
                with uncollected():
                    self._usages.append(self._next(self._iteration, bool(self._usages)))
            if len(self._usages) == 2:
                self._iteration = self._instead = None
            usage = self._usages[index]
        if isinstance(usage, PlaygroundError):
            raise usage
        return usage

    def _next(self, iteration: Iteration, is_inference: bool) -> Usage | PlaygroundError:
        try:
            return self._run(iteration, is_inference)
        except PlaygroundError as error:
            stopped = error
        try:
            if self._instead is None:
                return stopped
            self._iteration, self._note = self._instead(stopped)
            return self._run(self._iteration, is_inference)
        except PlaygroundError as error:
            return error

    def _run(self, iteration: Iteration, is_inference: bool) -> Usage:
        if is_inference:
            return iteration.infer()
        usage = iteration.train()
        flops = iteration.flops
        self._flops = flops["forward"] + flops["loss"], flops["backward"]
        return usage

    def settle(self) -> list[Usage | PlaygroundError]:
        """Both, or the errors that stand in their places."""
        for index in range(2):
            with contextlib.suppress(PlaygroundError):
                self._one(index)
        return self._usages

    def __getstate__(self) -> dict[str, Any]:
        return {"_usages": self.settle(), "_flops": self._flops, "_note": self._note, "_iteration": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=threading.RLock(), _instead=None)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LazyUsage):
            return NotImplemented
        return self is other or self.settle() == other.settle()

    __hash__ = None  # type: ignore[assignment]  # as Python itself says that something has no hash
