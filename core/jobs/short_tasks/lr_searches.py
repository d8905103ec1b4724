"""Searches for a learning rate: one an owner at a time, short, gone when its owner wants it no more."""

from __future__ import annotations

import shutil
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.errors import PlaygroundError
from core.jobs.job_spec import JobSpec
from core.jobs.processes.cluster import ClusterTask
from core.jobs.processes.dispatch import KILLED, Dispatcher
from core.jobs.run_state import ENDED, FAILED, OVER, PREPARING, RUNNING, WAITING
from core.jobs.storage.event_log import EventLogReader, EventRecord
from core.jobs.storage.run_folder import RunFolder
from core.jobs.worker import lr_search
from core.limits import limits
from core.storage_errors import storage_errors
from core.training.lr_range_test import RangeTestStep

PER_SERVER = limits().searches_per_server  # searches at a time
PRIORITY = 1  # Dask's: a search is short, and goes before the runs that wait
KEPT_S = 86_400.0
BROKE = "The search ended because the training process died: try again."


@dataclass(frozen=True)
class LrSearch:
    """How far a search is. `rate` is the suggestion once it has ended, None where the loss was never a number."""

    spec: JobSpec
    state: str = WAITING
    prepared: tuple[int, int] = (0, 0)  # images decoded, of
    steps: tuple[RangeTestStep, ...] = ()
    rate: float | None = None
    error: str = ""

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1."""
        return 1.0 if self.is_over else len(self.steps) / lr_search.STEPS

    def after(self, event: EventRecord) -> LrSearch:
        """As it stands after one more event. One that begins again, because its process died, repeats its steps."""
        kind = event["kind"]
        if kind == "Preparing":
            return replace(self, state=PREPARING, prepared=(event["done"], event["total"]))
        if kind == "Began":
            return replace(self, state=RUNNING, steps=())
        if kind == "Tried":
            return replace(self, steps=(*self.steps, RangeTestStep(**{k: v for k, v in event.items() if k != "kind"})))
        if kind == "Found":
            return replace(self, state=ENDED, rate=event["rate"])
        return replace(self, state=FAILED, error=event["error"])


@dataclass
class _TrackedSearch:
    search: LrSearch
    folder: RunFolder
    reader: EventLogReader
    task: ClusterTask
    reading: threading.Lock = field(default_factory=threading.Lock)

    def catch_up(self) -> LrSearch:
        with self.reading:
            has_failed = self.task.has_failed  # looked at before the log: what has ended has written all
            for batch in self.reader.new():
                for event in batch.events:
                    with suppress(KeyError, TypeError):  # damaged
                        self.search = self.search.after(event)
            if has_failed and not self.search.is_over:
                self.search = replace(self.search, state=FAILED, error=self.task.failure(KILLED) or BROKE)
            return self.search


class LrSearches:
    """All searches of this server. Each owner sees their own."""

    def __init__(self, root: Path, dispatcher: Dispatcher) -> None:
        self._root, self._dispatcher = root, dispatcher
        self._searches: dict[str, _TrackedSearch] = {}
        self._lock = threading.Lock()

    def start(self, spec: JobSpec) -> None:
        """Begin a search; what its owner was looking for before is given up.

        Raises: PlaygroundError if too many people search just now, the server is closing or its disk refuses.
        """
        cluster = self._dispatcher.cluster()
        self.stop(spec.owner)
        with self._lock:
            if sum(not one.search.is_over for one in self._searches.values()) >= PER_SERVER:
                raise PlaygroundError(f"{PER_SERVER} people are searching for a learning rate: try again in a minute.")
            folder = RunFolder(self._root / spec.owner / spec.run_id)
            with storage_errors():
                folder.create(spec)
            what = lr_search.search_learning_rate, str(folder.path)
            task = cluster.submit(*what, device=spec.device, priority=PRIORITY)
            self._searches[spec.owner] = _TrackedSearch(LrSearch(spec), folder, folder.event_log.reader(), task)

    def of(self, owner: str) -> LrSearch | None:
        """The owner's search as it stands; None if there is none."""
        search = self._searches.get(owner)
        return search.catch_up() if search else None

    def stop(self, owner: str) -> None:
        """The owner wants to know no more."""
        with self._lock:
            search = self._searches.pop(owner, None)
        if search is not None:
            shutil.rmtree(search.folder.path, ignore_errors=True)
            search.task.cancel()

    def tidy(self) -> None:
        """Remove what nobody has looked at for a day, and what servers have left that are gone."""
        until = time.time() - KEPT_S
        for folder in self._root.glob("*/*"):
            with suppress(OSError):
                if folder.stat().st_mtime < until:
                    shutil.rmtree(folder, ignore_errors=True)
        with self._lock:
            self._searches = {owner: one for owner, one in self._searches.items() if one.folder.path.exists()}
