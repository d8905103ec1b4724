"""Images that a page waits for, decoded in a worker."""

from __future__ import annotations

import threading
from pathlib import Path

from core.jobs.job_spec import Source
from core.jobs.processes.cluster import ClusterTask
from core.jobs.processes.dispatch import Dispatcher
from core.jobs.worker import decode


class Decodings:
    """What is being decoded just now, by the file that it will be in."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher
        self._tasks: dict[Path, ClusterTask] = {}
        self._lock = threading.Lock()

    def start(self, source: Source, size: int, path: Path) -> ClusterTask:
        """Have images decoded, once; what failed is tried again. Raises: PlaygroundError if the server is closing."""
        cluster = self._dispatcher.cluster()
        with self._lock:
            task = self._tasks.get(path)
            if task is None or task.has_failed or _is_gone(task, path):
                what = (
                    source.where,
                    size,
                    str(path),
                    source.is_upload,
                    source.layout,
                )  # plain: the scheduler reads it too
                task = self._tasks[path] = cluster.submit_reporting(decode.decode, *what)
            return task

    def get(self, path: Path) -> ClusterTask | None:
        """How far it is; None if nobody has asked for it, or if what came of it was removed."""
        task = self._tasks.get(path)
        return None if task is None or _is_gone(task, path) else task

    def clear(self) -> None:
        """The cluster that did them is gone."""
        self._tasks.clear()


def _is_gone(task: ClusterTask, path: Path) -> bool:
    """Whether a set was decoded and its file is not there any more."""
    return task.is_done and not task.has_failed and not path.exists()
