"""Images that a page waits for, decoded in a worker."""

from __future__ import annotations

import threading
from pathlib import Path

from core.jobs.job_spec import Source
from core.jobs.processes.dispatch import ClusterTask, Dispatcher
from core.jobs.worker import decode


class Decoding:
    """Images that are being decoded: `done` of `total` so far."""

    def __init__(self) -> None:
        self.done = self.total = 0
        self._task: ClusterTask | None = None  # until it is sent

    def send(self, dispatcher: Dispatcher, source: Source, size: int, path: Path) -> None:
        """Have it done. Raises: PlaygroundError if the server is closing."""
        what = (source.where, size, str(path), not source.is_private)
        self._task = dispatcher.submit_reporting(decode.decode, *what, on_report=self._take)

    def _take(self, reports: list[dict[str, int]]) -> None:
        self.done, self.total = reports[-1]["done"], reports[-1]["total"]

    @property
    def is_over(self) -> bool:
        """Whether it has ended, well or not."""
        return self._task is not None and self._task.is_done

    @property
    def has_failed(self) -> bool:
        """Whether the images will not be there."""
        return self._task is not None and self._task.has_failed

    @property
    def error(self) -> BaseException | None:
        """Why not, if that is known."""
        return self._task.error if self._task is not None else None

    def wait(self, timeout_s: float) -> None:
        """Wait for the images. Raises: what decoding raised, or TimeoutError."""
        if self._task is not None:
            self._task.wait(timeout_s)


class Decodings:
    """What is being decoded just now, by the file that it will be in."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher
        self._decodings: dict[Path, Decoding] = {}
        self._lock = threading.Lock()

    def start(self, source: Source, size: int, path: Path) -> Decoding:
        """Have images decoded, once; one that failed is tried again."""
        self._dispatcher.cluster()
        with self._lock:
            decoding = self._decodings.get(path)
            if decoding is None or decoding.has_failed:
                decoding = Decoding()
                decoding.send(self._dispatcher, source, size, path)
                self._decodings[path] = decoding
            return decoding

    def get(self, path: Path) -> Decoding | None:
        """How far it is; None if nobody has asked for it."""
        return self._decodings.get(path)

    def clear(self) -> None:
        """The cluster that did them is gone."""
        self._decodings.clear()
