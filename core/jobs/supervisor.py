"""A thread that looks after the runs every few seconds: ends what is over, mends what broke, adopts orphans."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from core.jobs.processes.dispatch import Dispatcher, ServerClosing
from core.jobs.run_counts import RunCounts
from core.jobs.run_queue import RunQueue
from core.jobs.storage.run_folder import PAUSE, RUN
from core.jobs.storage.run_store import RunStore
from core.jobs.storage.server_leases import ServerLeases
from core.jobs.tracked_runs import TrackedRun, TrackedRuns
from core.storage_errors import is_storage_error, storage_sentence

ROUND_S = 2.0  # between two rounds
ADOPT_EVERY = 5  # rounds
RESTORE_EVERY = 150
HOUSEKEEPING_EVERY = 1800
SETTLED_S = 60.0  # for which a run's folder must have been untouched: another server may just be making it
IDLE_S = 600.0  # after which a finished run that nobody looks at leaves the memory

log = logging.getLogger(__name__)


@dataclass(eq=False)
class Supervisor:
    """What keeps runs going without anybody asking.

    A run whose owner has not looked for `away_s` seconds is paused, so that it makes room. `housekeeping` is called
    once in an hour.
    """

    store: RunStore
    runs: TrackedRuns
    queue: RunQueue
    dispatcher: Dispatcher
    leases: ServerLeases
    away_s: float
    housekeeping: Callable[[], None]
    _end: threading.Event = field(default_factory=threading.Event)
    _complaint: str = ""  # the last one in the log

    def __post_init__(self) -> None:
        self.counts = RunCounts(self.store)

    def start(self) -> None:
        """Begin, in a thread of its own."""
        threading.Thread(target=self._rounds, daemon=True, name="supervisor").start()

    def close(self) -> None:
        self._end.set()

    def _rounds(self) -> None:
        number = 0
        while not self._end.is_set():
            try:
                self.round(number)
                self._complaint = ""
            except ServerClosing:
                return
            except Exception as error:
                self._complain(error)
            number += 1
            self._end.wait(ROUND_S)

    def round(self, number: int) -> None:
        """One round; some things are done in every so many only."""
        if self.dispatcher.is_broken:
            self.dispatcher.cluster()  # a new one, to which the runs are sent again
        for run in self.sent():
            with run.steering:
                self._settle(run)
        if number % ADOPT_EVERY == 0:
            self.store.make_folders()
            self.leases.renew()
            self.adopt()
            self._unload()
        if number % RESTORE_EVERY == 0:
            self.restore()
        if number % HOUSEKEEPING_EVERY == 0:
            self.housekeeping()

    def _complain(self, error: Exception) -> None:
        """Log what went wrong in a round, once for as long as it stays the same; a disk's trouble in one sentence."""
        storage = error if isinstance(error, OSError) and is_storage_error(error) else None
        sentence = storage_sentence(storage) if storage else f"{type(error).__name__}: {error}"
        if sentence != self._complaint:
            self._complaint = sentence
            log.warning("runs cannot be looked after: %s", sentence, exc_info=None if storage else error)

    def sent(self) -> list[TrackedRun]:
        """What was sent from here and is not known to be over."""
        return [run for run in self.runs.loaded() if self.dispatcher.knows(run.spec.run_id)]

    def _settle(self, run: TrackedRun) -> None:
        """A run that is over, that broke, that the cluster forgot, whose owner is gone, or whose folder was removed."""
        if not run.folder.path.is_dir():
            self.queue.release(run)
            self.runs.unload(run.spec.run_id)
            return
        run.catch_up(looking=False)
        reason = self.dispatcher.failure(run.spec.run_id)
        if reason and not run.is_over:
            self.queue.fail(run, reason)
        elif run.is_over or run.is_parked:
            self.queue.release(run)
        elif self.dispatcher.has_forgotten(run.spec.run_id):
            self.queue.send(run)
        elif self._is_away(run):
            command = run.folder.read_command()
            run.folder.write_command(replace(command, command=PAUSE, away=True))

    def _is_away(self, run: TrackedRun) -> bool:
        last_seen = max(run.spec.created_at, self.store.last_seen(run.spec.owner))
        return run.folder.read_command().command == RUN and time.time() - last_seen > self.away_s

    def restore(self) -> None:
        """Send on unfinished runs that are in no queue: their event log lost its end, or the queue its files.

        They go on from their last checkpoint; one that was finished is over at once.
        """
        with self.leases.adopting():
            for path in self.counts.unfinished(time.time() - SETTLED_S):
                run = self.runs.find(path.parent.name, path.name)
                if run is not None and not self._belongs_to_another(run):
                    with run.steering:
                        run.catch_up()
                        if self.queue.is_lost(run):
                            self.queue.call_back(run)

    def _belongs_to_another(self, run: TrackedRun) -> bool:
        return run.spec.server != self.leases.name and self.leases.is_alive(run.spec.server)

    def adopt(self) -> None:
        """Go on with unfinished runs of servers that are gone; what is over has no place in the queue."""
        with self.leases.adopting():
            for entry in self.store.queue():
                run = self.runs.find(entry.owner, entry.run_id)
                spec = run.folder.read_spec() if run else None
                if run is None or spec is None or run.is_over:
                    self.store.dequeue(entry.run_id)
                elif not self.dispatcher.knows(entry.run_id) and not self.leases.is_alive(spec.server):
                    with run.steering:
                        self._adopt(run)

    def _adopt(self, run: TrackedRun) -> None:
        run.catch_up()
        if run.is_over or run.is_parked:
            self.store.dequeue(run.spec.run_id)
        else:
            self.queue.adopt(run)

    def _unload(self) -> None:
        """What has been over for long and nobody looks at leaves the memory."""
        until = time.monotonic() - IDLE_S
        for run in self.runs.loaded():
            if run.is_over and run.looked_at < until:
                self.runs.unload(run.spec.run_id)
