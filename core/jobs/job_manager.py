"""Starts, watches and steers runs. Everybody sees only what is theirs, and what is on disk outlives this server."""

from __future__ import annotations

import atexit
import dataclasses
import secrets
import time
from functools import cached_property
from pathlib import Path

from core.datasets.cachedir import cache_folder
from core.errors import PlaygroundError
from core.jobs.background import in_background
from core.jobs.job_spec import JobSpec, Source
from core.jobs.processes.cluster import ClusterTask
from core.jobs.processes.devices import TrainingDevice
from core.jobs.processes.dispatch import Dispatcher
from core.jobs.retention import KEPT_DAYS, expired_runs, needed_uploads
from core.jobs.run_queue import RunQueue
from core.jobs.run_state import PREPARING, WAITING, RunView
from core.jobs.short_tasks.decoding import Decodings
from core.jobs.short_tasks.lr_searches import LrSearches
from core.jobs.short_tasks.speed_probes import SpeedProbes
from core.jobs.storage.cache_eviction import evict
from core.jobs.storage.decoded_images import mark_used
from core.jobs.storage.run_folder import PAUSE, RUN, STOP, RunCommand
from core.jobs.storage.run_store import RunStore
from core.jobs.storage.server_leases import ServerLeases
from core.jobs.storage.uploads import Uploads
from core.jobs.supervisor import Supervisor
from core.jobs.tracked_runs import DamagedRun, TrackedRun, TrackedRuns
from core.jobs.worker.evaluate import evaluate
from core.jobs.worker.predict_unlabelled import predict_unlabelled
from core.limits import limits
from core.storage_errors import storage_errors
from core.training.recipe.config import TrainConfig

PER_OWNER = limits().runs_per_visitor  # runs at a time, waiting ones counted
PER_SERVER = limits().runs_per_server
AWAY_S = 20 * 60.0  # after which a run whose owner is gone makes room
NOTE_OWNER_S = AWAY_S / 10  # that an owner is here is written down at most so often


class JobManager:
    """All runs of this server. Whoever asks must be the owner; a run of somebody else does not exist for them.

    Raises: StorageError, also from its methods, where the disk refuses.
    """

    @storage_errors()
    def __init__(self, folder: Path | None = None) -> None:
        self.store = RunStore(folder or cache_folder("training"))
        self._leases = ServerLeases(self.store.root / "offices")
        self._dispatcher = Dispatcher(self._resend)
        self._decodings = Decodings(self._dispatcher)
        self._runs = TrackedRuns(self.store)
        self._queue = RunQueue(self.store, self._dispatcher, self._leases.name)
        parts = self.store, self._runs, self._queue, self._dispatcher, self._leases
        self.supervisor = Supervisor(*parts, AWAY_S, self._housekeeping)
        atexit.register(self.close)
        self.supervisor.start()

    # --- processes ---

    def devices(self) -> tuple[TrainingDevice, ...]:
        return self._dispatcher.devices()

    def is_busy(self, device: str) -> bool:
        return self._queue.is_busy(device)

    def warm_up(self) -> None:
        """Start the processes in the background, so that the first run begins at once."""
        in_background(self._dispatcher.cluster)

    def close(self) -> None:
        """End the processes. Runs stay on disk, and the next server goes on with them."""
        atexit.unregister(self.close)
        self.supervisor.close()
        self._dispatcher.close()
        self._leases.close()

    # --- uploads, and searches for a learning rate ---

    @cached_property
    def uploads(self) -> Uploads:
        """Everybody's uploaded archives; they are dropped by `drop_upload`."""
        return Uploads(self.store.uploads)

    @cached_property
    def lr_searches(self) -> LrSearches:
        """Everybody's searches; they are started by `start_lr_search`."""
        return LrSearches(self.store.lr_searches, self._dispatcher)

    @cached_property
    def speed_probes(self) -> SpeedProbes:
        """How fast this machine would train networks that nobody has started yet."""
        return SpeedProbes(self.store.root / "speeds", self._dispatcher)

    @storage_errors()
    def drop_upload(self, source: Source) -> None:
        """Remove an uploaded archive; its decoded images stay for as long as there are runs to look at."""
        owner = self.uploads.drop(source)
        if owner is not None:
            self._tidy(owner)

    def start_lr_search(self, owner: str, source: Source, size: int, config: TrainConfig, device: str = "cpu") -> None:
        """Look for a learning rate for a run, instead of what the owner was looking for before.

        Raises: PlaygroundError if the server has too much of that to do already.
        """
        self.lr_searches.start(self._spec(owner, source, size, config, device))

    # --- decoded images ---

    def decoded_file(self, source: Source, size: int) -> Path:
        """Where the decoded images are, once they are."""
        return source.decoded_file(self.store.decoded, size)

    def decode(self, source: Source, size: int) -> ClusterTask:
        """Have images decoded, once. This may wait for the processes to start."""
        return self._decodings.start(source, size, self.decoded_file(source, size))

    def decode_in_background(self, source: Source, size: int) -> None:
        """As `decode`, for a page that must not wait; old decoded sets make room."""
        in_background(self.evict_decoded)
        in_background(self.decode, source, size)

    def decoding(self, source: Source, size: int) -> ClusterTask | None:
        """How far the images are; None if nobody has asked for them."""
        return self._decodings.get(self.decoded_file(source, size))

    def evict_decoded(self) -> None:
        """Remove decoded images that nobody has used for long, if there are too many of them."""
        evict(self.store.decoded, lambda: self.store.images_in_use(KEPT_DAYS))

    # --- runs ---

    @storage_errors()
    def start(self, owner: str, source: Source, size: int, config: TrainConfig, device: str = "cpu") -> str:
        """Queue a run. Returns its id, which nobody can guess.

        Raises: PlaygroundError if the owner or the server has too many runs already, or the disk refuses.
        """
        with self._runs.lock:
            self._check_room(owner)
            run = self._runs.create(self._spec(owner, source, size, config, device))
            try:
                self._queue.put(run)
            except OSError:
                self._delete(run)
                raise
        try:
            self.store.touch_owner(owner, NOTE_OWNER_S)
            self._queue.send(run)
        except Exception:
            self._delete(run)
            raise
        mark_used(self.decoded_file(source, size))
        self._tidy(owner)
        return run.spec.run_id

    def _spec(self, owner: str, source: Source, size: int, config: TrainConfig, device: str) -> JobSpec:
        """A new run under an id that nobody can guess."""
        decoded = str(self.decoded_file(source, size))
        run_id, now, threads = secrets.token_urlsafe(12), time.time(), self._dispatcher.threads
        return JobSpec(run_id, owner, source, size, config, decoded, now, self._leases.name, device, threads)

    def _check_room(self, owner: str) -> None:
        if sum(not view.is_over for view in self.runs(owner)) >= PER_OWNER:
            raise PlaygroundError(f"You have {PER_OWNER} unfinished runs, the maximum: stop one or let it finish.")
        if len(self._queue) >= PER_SERVER:
            raise PlaygroundError(f"{PER_SERVER} runs are waiting on this server, the maximum: try again later.")

    @storage_errors()
    def watch(self, owner: str, run_id: str) -> RunView | None:
        """The run as it stands; None if there is none of that owner by that id. A run paused for want of its owner
        goes on, since here they are."""
        run = self._runs.find(owner, run_id)
        if run is not None:
            self.store.touch_owner(owner, NOTE_OWNER_S)
            run.catch_up()
            if run.is_to_go_on:
                self.command(owner, run_id, RUN)
        return self.look(owner, run_id)

    def look(self, owner: str, run_id: str) -> RunView | None:
        """As `watch`, for somebody to whom the run is shown: the owner is not here because of it."""
        run = self._runs.find(owner, run_id)
        if run is None:
            return None
        run.catch_up()
        view = run.state.view()
        if view.state != WAITING:
            return view
        decoding = self.decoding(run.spec.source, run.spec.size)
        if decoding is not None and decoding.progress["total"] and not decoding.is_done:
            prepared = decoding.progress["done"], decoding.progress["total"]
            return dataclasses.replace(view, state=PREPARING, prepared=prepared)
        return dataclasses.replace(view, queue_position=self._queue.position(run))

    @storage_errors()
    def runs(self, owner: str) -> list[RunView]:
        """The owner's runs, the newest first."""
        runs = self._runs.of(owner)
        for run in runs:
            run.catch_up()
        return [run.state.view() for run in runs]

    @storage_errors()
    def command(self, owner: str, run_id: str, command: str, learning_rate: float | None = None) -> None:
        """Tell a run to `stop`, `pause` or `run` on, and at which learning rate; None leaves that as it is."""
        run = self._runs.find(owner, run_id)
        if run is None or run.is_over or command not in (RUN, PAUSE, STOP):
            return
        with run.steering:
            self._steer(run, command, learning_rate)

    def _steer(self, run: TrackedRun, command: str, learning_rate: float | None) -> None:
        rate = run.folder.read_command().learning_rate if learning_rate is None else learning_rate
        run.folder.write_command(RunCommand(command, rate))
        run.catch_up()
        if command == STOP and run.has_not_begun and self._queue.position(run):
            self._queue.withdraw(run, "Stopped before it started.")
        elif command != PAUSE and (run.is_parked or self._queue.is_lost(run)):
            self._queue.call_back(run)

    def damaged_runs(self, owner: str) -> list[DamagedRun]:
        """The owner's runs that cannot be read any more, the newest first; they can only be deleted."""
        return self._runs.damaged(owner)

    @storage_errors()
    def delete(self, owner: str, run_id: str) -> None:
        """Remove a run of the owner that is over or damaged, with all that it left, and uploads that only it needed."""
        run = self._runs.find(owner, run_id)
        if run is not None and run.is_over:
            self._delete(run)
        elif run is None and self.store.folder(owner, run_id) is not None:
            self.store.remove(owner, run_id)
        self._tidy(owner)

    def checkpoint(self, owner: str, run_id: str) -> Path | None:
        """The run's last checkpoint, if it has one."""
        run = self._runs.find(owner, run_id)
        return run.folder.checkpoint if run is not None and run.folder.checkpoint.exists() else None

    def predictions(self, owner: str, run_id: str) -> Path | None:
        """Probabilities of all validation images, once the run is over."""
        run = self._runs.find(owner, run_id)
        return run.folder.predictions if run is not None and run.folder.predictions.exists() else None

    def evaluate(self, owner: str, run_id: str, part: str) -> ClusterTask | None:
        """Have a run's network evaluated on a part of its data; the result is the run folder's `evaluation(part)`.

        A second call finds the same task. None if there is no such run.
        """
        run = self._runs.find(owner, run_id)
        if run is None:
            return None
        decoded = str(self.decoded_file(run.spec.source, run.spec.size))
        paths = str(run.folder.checkpoint), decoded, part, str(run.folder.evaluation(part))
        return self._dispatcher.cluster().submit(evaluate, *paths, key=f"evaluate-{run_id}-{part}")

    def predict_unlabelled(self, owner: str, run_id: str) -> ClusterTask | None:
        """Have a run's network predict the images without a class; the result is the run folder's `unlabelled`.

        A second call finds the same task. None if there is no such run.
        """
        run = self._runs.find(owner, run_id)
        if run is None:
            return None
        source = run.spec.source
        what = str(run.folder.checkpoint), source.where, source.layout, str(run.folder.unlabelled)
        return self._dispatcher.cluster().submit(predict_unlabelled, *what, key=f"unlabelled-{run_id}")

    # --- what is done without anybody asking ---

    def _resend(self) -> None:
        """The cluster is a new one."""
        self._decodings.clear()
        self.speed_probes.clear()
        self._queue.resend(self._runs.loaded())

    def _housekeeping(self) -> None:
        self.lr_searches.tidy()
        self.evict_decoded()
        for owner in self.store.owners():
            self._tidy(owner)

    def _tidy(self, owner: str) -> None:
        """Remove the owner's oldest finished runs, and uploads that only they needed; in the end what they left."""
        runs, days_away = self._runs.of(owner), self.store.days_away(owner)
        for run in expired_runs(runs, days_away):
            self._delete(run)
            runs.remove(run)
        self.uploads.tidy(owner, *needed_uploads(runs, days_away))
        self.store.remove_empty(owner)

    def _delete(self, run: TrackedRun) -> None:
        with self._runs.lock:
            self._runs.unload(run.spec.run_id)
            self._dispatcher.drop(run.spec.run_id)
            self.store.remove(run.spec.owner, run.spec.run_id)
