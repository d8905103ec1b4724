"""Unfinished runs in their order, and how they are sent to the cluster, called back, taken over and ended."""

from __future__ import annotations

from collections.abc import Iterable

from core.jobs.processes.dispatch import KILLED, Dispatcher
from core.jobs.storage.run_store import RunStore
from core.jobs.tracked_runs import TrackedRun

DEATHS_ALLOWED = 3  # as many as Dask allows the worker of a task


class RunQueue:
    """The queue of all devices. `server` is our name among the servers that share a folder."""

    def __init__(self, store: RunStore, dispatcher: Dispatcher, server: str) -> None:
        self._store, self._dispatcher, self._server = store, dispatcher, server

    def __len__(self) -> int:
        return len(self._store.queue())

    def put(self, run: TrackedRun) -> None:
        """At the end of its device's queue; not sent yet."""
        self._store.enqueue(run.spec.device, run.spec.owner, run.spec.run_id)

    def send(self, run: TrackedRun) -> None:
        """Have it computed once its turn comes. Raises: PlaygroundError if the server is closing."""
        self._dispatcher.send_run(run.spec, run.folder.path, run.state.now.parkings)

    def call_back(self, run: TrackedRun) -> None:
        """Send a run that was parked, or lost, to the end of the queue."""
        run.log("Called")
        self.put(run)
        run.claim(self._server)
        self.send(run)

    def adopt(self, run: TrackedRun) -> None:
        """Go on with a run of a server that is gone. A cluster that is not ours may be computing it still."""
        run.claim(self._server)
        if self._dispatcher.cluster().is_ours:
            run.log("Called")
        self.send(run)

    def is_lost(self, run: TrackedRun) -> bool:
        """Whether an unfinished run is in no queue and with no process, because a file of it or the queue's is gone."""
        is_idle = run.is_over or run.is_parked or self._dispatcher.knows(run.spec.run_id)
        return not is_idle and all(entry.run_id != run.spec.run_id for entry in self._store.queue())

    def resend(self, runs: Iterable[TrackedRun]) -> None:
        """The cluster is a new one: it gets all of ours that the old one had not finished.

        But for a run that was being computed whenever a cluster died: it would take this one with it, too.
        """
        for run in runs:
            run.catch_up()
            if run.spec.server != self._server:
                continue
            if run.is_over or run.is_parked:  # which nobody had seen before the cluster died
                self._store.dequeue(run.spec.run_id)
                continue
            run.deaths += run.state.now.worker != ""
            if run.deaths > DEATHS_ALLOWED:
                self.fail(run, KILLED)
            else:
                run.log("Called")
                self.send(run)

    def release(self, run: TrackedRun) -> None:
        """A run that is over, or has left its device."""
        self._store.dequeue(run.spec.run_id)
        self._dispatcher.drop(run.spec.run_id)

    def fail(self, run: TrackedRun, reason: str) -> None:
        """A run that will have no result."""
        run.fail(reason)
        self.release(run)

    def withdraw(self, run: TrackedRun, reason: str) -> None:
        """A run whose turn never came."""
        self._dispatcher.drop(run.spec.run_id, cancel=True)
        self.fail(run, reason)

    def position(self, run: TrackedRun) -> int:
        """How many runs are before it on its device."""
        before = 0
        for entry in self._store.queue():
            if entry.run_id == run.spec.run_id:
                return before
            before += entry.device == run.spec.device
        return 0

    def is_busy(self, device: str) -> bool:
        return any(entry.device == device for entry in self._store.queue())
