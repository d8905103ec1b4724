"""Runs in memory: their folders, and what their event logs have told so far. Everybody finds only what is theirs."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace

from core.jobs.job_spec import JobSpec
from core.jobs.run_state import PAUSED, WAITING, RunState, RunView
from core.jobs.storage.event_log import EventLogReader
from core.jobs.storage.run_folder import RunFolder
from core.jobs.storage.run_store import RunStore


@dataclass
class TrackedRun:
    """A run that was looked at lately, or that is not over."""

    spec: JobSpec
    folder: RunFolder
    state: RunState
    reader: EventLogReader
    looked_at: float = field(default_factory=time.monotonic)
    reading: threading.Lock = field(default_factory=threading.Lock)
    steering: threading.RLock = field(default_factory=threading.RLock)  # held while it is sent, called back or settled

    @classmethod
    def open(cls, folder: RunFolder, spec: JobSpec) -> TrackedRun:
        """The run in a folder, as its event log tells it."""
        view = RunView(spec.run_id, spec.source, spec.size, spec.config, spec.device, spec.created_at)
        run = cls(spec, folder, RunState(view), folder.event_log.reader())
        run.catch_up()
        return run

    def catch_up(self, looking: bool = True) -> None:
        """Read what the event log has new; `looking`: for somebody who will see it."""
        with self.reading:
            if looking:
                self.looked_at = time.monotonic()
            for batch in self.reader.new():
                self.state.apply(batch.events, batch.at)

    def log(self, kind: str, **values: object) -> None:
        """Write into the event log, and know it."""
        self.folder.event_log.append({"kind": kind, **values})
        self.catch_up()

    def claim(self, server: str) -> None:
        """Have a server look after it from now on."""
        self.spec = replace(self.spec, server=server)
        self.folder.write_spec(self.spec)

    @property
    def is_over(self) -> bool:
        """Whether nothing will change any more."""
        return self.state.now.is_over

    @property
    def is_parked(self) -> bool:
        """Whether it is paused and has left its device to others."""
        return self.state.now.state == PAUSED and self.state.now.parked

    @property
    def has_not_begun(self) -> bool:
        """Whether no process has taken it up yet, as far as we know."""
        return self.state.now.state == WAITING and self.state.now.began is None


class TrackedRuns:
    """The runs in memory. Any on disk is opened when it is asked for."""

    def __init__(self, store: RunStore) -> None:
        self._store = store
        self._runs: dict[str, TrackedRun] = {}
        self.lock = threading.RLock()

    def find(self, owner: str, run_id: str) -> TrackedRun | None:
        """The owner's run by that id; None if there is none that can be read."""
        folder = self._store.folder(owner, run_id)
        if folder is None:
            return None
        with self.lock:
            if run_id not in self._runs and (spec := folder.read_spec()) is not None:
                self._runs[run_id] = TrackedRun.open(folder, spec)
            return self._runs.get(run_id)

    def of(self, owner: str) -> list[TrackedRun]:
        """The owner's runs, the newest first."""
        runs = [run for run_id in self._store.run_ids(owner) if (run := self.find(owner, run_id))]
        return sorted(runs, key=lambda run: -run.spec.created_at)

    def create(self, spec: JobSpec) -> TrackedRun:
        """A new run, on disk and in memory."""
        folder = self._store.new_folder(spec.owner, spec.run_id)
        folder.create(spec)
        with self.lock:
            run = self._runs[spec.run_id] = TrackedRun.open(folder, spec)
        return run

    def loaded(self) -> list[TrackedRun]:
        with self.lock:
            return list(self._runs.values())

    def unload(self, run_id: str) -> None:
        """Forget a run, in memory only."""
        with self.lock:
            self._runs.pop(run_id, None)
