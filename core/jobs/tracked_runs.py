"""Runs in memory: their folders, and what their event logs have told so far. Everybody finds only what is theirs."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field, replace

from core.jobs.job_spec import JobSpec
from core.jobs.run_state import PAUSED, WAITING, RunState, RunView
from core.jobs.storage.event_log import EventLogReader
from core.jobs.storage.run_folder import RUN, RunCommand, RunFolder
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
    deaths: int = 0  # of clusters that were computing it

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
        """Write into the event log, and know it. Raises: OSError if nothing can be written."""
        self.folder.event_log.append({"kind": kind, **values})
        self.catch_up()

    def fail(self, reason: str) -> None:
        """It will have no result: that is written down or, where nothing can be written, known here at least."""
        try:
            self.log("Failed", error=reason)
        except OSError:
            self.state.apply([{"kind": "Failed", "error": reason}], time.time())

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
    def is_to_go_on(self) -> bool:
        """Whether, its owner being here, it is paused for want of them, or left its device while it was told to run."""
        command = self.folder.read_command() if self.state.now.state == PAUSED else RunCommand()
        return command.away or (self.is_parked and command.command == RUN)

    @property
    def has_not_begun(self) -> bool:
        """Whether no process has taken it up yet, as far as we know."""
        return self.state.now.state == WAITING and self.state.now.began is None


@dataclass(frozen=True)
class DamagedRun:
    """A run whose specification cannot be read. `changed_at` counts seconds since 1970."""

    run_id: str
    changed_at: float


class TrackedRuns:
    """The runs in memory. Any on disk is opened when it is asked for."""

    def __init__(self, store: RunStore) -> None:
        self._store = store
        self._runs: dict[str, TrackedRun] = {}
        self.lock = threading.RLock()

    def find(self, owner: str, run_id: str) -> TrackedRun | None:
        """The owner's run by that id; None if there is none that can be read."""
        folder = self._store.folder(owner, run_id)
        with self.lock:
            if folder is None:
                known = self._runs.get(run_id)
                if known is not None and known.spec.owner == owner:  # its folder was removed under us
                    del self._runs[run_id]
                return None
            if run_id not in self._runs and (spec := _spec_of(folder, owner, run_id)) is not None:
                self._runs[run_id] = TrackedRun.open(folder, spec)
            return self._runs.get(run_id)

    def damaged(self, owner: str) -> list[DamagedRun]:
        """The owner's runs of which nobody can tell any more what they were to do, the newest first."""
        damaged = []
        for run_id in self._store.run_ids(owner):
            folder = self._store.folder(owner, run_id)
            if folder is not None and self.find(owner, run_id) is None:
                with contextlib.suppress(OSError):
                    damaged.append(DamagedRun(run_id, folder.path.stat().st_mtime))
        return sorted(damaged, key=lambda run: -run.changed_at)

    def of(self, owner: str) -> list[TrackedRun]:
        """The owner's runs, the newest first."""
        runs = [run for run_id in self._store.run_ids(owner) if (run := self.find(owner, run_id))]
        return sorted(runs, key=lambda run: -run.spec.created_at)

    def create(self, spec: JobSpec) -> TrackedRun:
        """A new run, on disk and in memory. Raises: OSError if it cannot be kept; nothing of it stays."""
        self._store.make_folders()
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


def _spec_of(folder: RunFolder, owner: str, run_id: str) -> JobSpec | None:
    """What the run in a folder is to do; None if that cannot be read, or is of another run."""
    spec = folder.read_spec()
    return spec if spec is not None and (spec.owner, spec.run_id) == (owner, run_id) else None
