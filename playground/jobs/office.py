"""Starts, watches and stops runs: one office a server, and everybody sees only what is theirs."""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import logging
import os
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from distributed import Future, KilledWorker, Variable

from core.errors import DataError, PlaygroundError
from core.training.recipe.config import TrainConfig
from playground.jobs.board import OVER, PREPARING, WAITING, Board, View
from playground.jobs.orders import Source
from playground.jobs.processes import tasks
from playground.jobs.processes.cluster import Cluster
from playground.jobs.processes.serve import RUN_SLOT

PER_OWNER = 2  # runs at a time, waiting ones counted
PER_SERVER = 60
KEPT = 6  # finished runs of one owner that can still be looked at
COPY_BYTES = 1 << 20
CHECKPOINT, PREDICTIONS = "run.pt", "predictions.pt"

log = logging.getLogger(__name__)


@dataclass
class Run:
    """The office's own file on a run."""

    owner: str
    board: Board
    folder: Path
    source: Source
    since: float
    future: Future | None = None

    @property
    def is_over(self) -> bool:
        """Whether it ended; a task that ended without a result says why on the board."""
        if self.board.state in OVER:
            return True
        status = self.future.status if self.future is not None else "pending"
        if status == "cancelled":
            self.board.fail("Stopped before it began.")
        elif status == "error":
            self.board.fail(_sentence(self.future.exception()))
        return self.board.state in OVER


@dataclass
class Preparation:
    """Pictures that are being decoded: `done` of `total` so far."""

    future: Future
    done: int = 0
    total: int = 0


class Office:
    """All runs of this server. Whoever asks must be the owner; a run of somebody else does not exist for them."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(tempfile.mkdtemp(prefix="cnn-playground-"))
        self._runs: dict[str, Run] = {}
        self._preparing: dict[tuple[str, int], Preparation] = {}
        self._cluster: Cluster | None = None
        self._dropped: set[Source] = set()  # uploads that nobody will start a run on again
        self._lock, self._is_closed = threading.RLock(), False
        atexit.register(self.close)

    # --- the cluster ---

    def cluster(self) -> Cluster:
        """The cluster, started at the first call; a broken one is replaced."""
        with self._lock:
            if self._is_closed:
                raise PlaygroundError("This server is shutting down: open the page again in a minute.")
            if self._cluster is not None and not self._cluster.is_alive:
                self._cluster.close()
                self._cluster = None
                self._preparing.clear()
            if self._cluster is None:
                self._cluster = Cluster(self.folder)
                self._warm = self._cluster.client.submit(tasks.warm_up, pure=False)
            return self._cluster

    def warm_up(self) -> None:
        """Start the cluster in the background, so that the first run begins at once."""
        _in_background(self.cluster)

    def close(self) -> None:
        """End all runs and remove what they wrote."""
        atexit.unregister(self.close)
        with self._lock:
            self._is_closed = True
            if self._cluster is not None:
                self._cluster.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    # --- pictures ---

    def keep_upload(self, owner: str, title: str, file: BinaryIO, size_bytes: int, is_private: bool = False) -> Source:
        """Write an uploaded archive to a folder of its own, once and piece by piece.

        Raises: DataError if the disk has no room for it.
        """
        free = shutil.disk_usage(self.folder).free
        if size_bytes * 2 > free:
            raise DataError(f"{title} has {size_bytes:,} bytes and the server's disk {free:,} left: use a smaller zip.")
        folder = Path(tempfile.mkdtemp(prefix="upload-", dir=self.folder))
        file.seek(0)
        with (folder / "pictures.zip").open("wb") as copy:
            shutil.copyfileobj(file, copy, COPY_BYTES)
        return Source(title, path=str(folder / "pictures.zip"), is_upload=True, is_private=is_private)

    def drop_upload(self, source: Source) -> None:
        """Remove an uploaded archive; its decoded pictures stay for as long as there are runs to look at."""
        if source.is_upload:
            with self._lock:
                self._dropped.add(source)
                self._forget_dropped()

    def _forget_dropped(self) -> None:
        used = {run.source for run in self._runs.values()}
        unfinished = {run.source for run in self._runs.values() if not run.is_over}
        for source in self._dropped - used:
            shutil.rmtree(Path(source.path).parent, ignore_errors=True)
        for source in (self._dropped & used) - unfinished:
            Path(source.path).unlink(missing_ok=True)
        self._dropped &= used

    def prepare(self, source: Source, size: int) -> Preparation:
        """Have the pictures decoded in the worker, once; `pictures_file` is there when the future is done."""
        with self._lock:
            found = self._preparing.get((source.where, size))
            if found is None or found.future.status in ("error", "cancelled", "lost"):
                found = self._preparing[source.where, size] = self._prepare(source, size)
            return found

    def _prepare(self, source: Source, size: int) -> Preparation:
        client, topic = self.cluster().client, f"prepare-{secrets.token_hex(8)}"
        arguments = (topic, source.where, size, str(self.pictures_file(source, size)), not source.is_private)
        preparation = Preparation(client.submit(tasks.prepare, *arguments, pure=False))

        def heard(event: tuple[float, list[dict]]) -> None:
            preparation.done, preparation.total = event[1][-1]["done"], event[1][-1]["total"]

        client.subscribe_topic(topic, heard)
        return preparation

    def prepare_in_background(self, source: Source, size: int) -> None:
        """As `prepare`, for a page that must not wait until the cluster is up."""
        _in_background(self.prepare, source, size)

    def preparation(self, source: Source, size: int) -> Preparation | None:
        """How far the pictures are; None if nobody has asked for them."""
        return self._preparing.get((source.where, size))

    def pictures_file(self, source: Source, size: int) -> Path:
        """Where the decoded pictures are once they are prepared."""
        return source.prepared(self.folder, size)

    # --- runs ---

    def start(self, owner: str, source: Source, size: int, config: TrainConfig) -> str:
        """Queue a run. Returns its id, which nobody can guess.

        Raises: PlaygroundError if the owner or the server has too many runs already.
        """
        with self._lock:
            self._check_room(owner)
            run_id = secrets.token_urlsafe(12)
            folder = self.folder / f"run-{run_id}"
            folder.mkdir(mode=0o700)
            run = Run(owner, Board(View(run_id, source, size, config)), folder, source, time.time())
            self._runs[run_id] = run
            self._tidy(owner)
        try:
            self._submit(run_id, run)
        except Exception:
            del self._runs[run_id]
            raise
        return run_id

    def _submit(self, run_id: str, run: Run) -> None:
        view, cluster = run.board.view(), self.cluster()
        order = {
            "run_id": run_id,
            "config": dataclasses.asdict(view.config),
            "pictures": str(self.pictures_file(run.source, view.size)),
            "checkpoint": str(run.folder / CHECKPOINT),
            "predictions": str(run.folder / PREDICTIONS),
            "threads": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        }
        client = cluster.client
        Variable(run_id, client=client).set({"command": "run"})
        prepared = self.prepare(run.source, view.size).future
        client.subscribe_topic(run_id, lambda event: run.board.hear(event[1]))
        place = {"resources": {RUN_SLOT: 1}} if cluster.is_ours else {}
        run.future = client.submit(tasks.train_run, order, prepared, key=f"train-{run_id}", pure=False, **place)

    def watch(self, owner: str, run_id: str) -> View | None:
        """The run as it stands; None if there is none of that owner by that id."""
        run = self._owned(owner, run_id)
        if run is None:
            return None
        if not run.is_over and self._cluster is not None and not self._cluster.is_alive:
            run.board.fail("The training processes are gone. Start the run again.")
        view = run.board.view()
        if view.state != WAITING:
            return view
        preparing = self.preparation(run.source, view.size)
        if preparing is not None and preparing.total and not preparing.future.done():
            return dataclasses.replace(view, state=PREPARING, prepared=(preparing.done, preparing.total))
        return dataclasses.replace(view, place=self._place(run))

    def mine(self, owner: str) -> list[View]:
        """The owner's runs, the newest first."""
        with self._lock:
            runs = sorted((r for r in self._runs.values() if r.owner == owner), key=lambda r: -r.since)
        return [run.board.view() for run in runs]

    def wish(self, owner: str, run_id: str, command: str, learning_rate: float | None = None) -> None:
        """Tell a run to `stop`, `pause` or `run` on, and at which learning rate."""
        run = self._owned(owner, run_id)
        if run is None or run.is_over:
            return
        if command == "stop" and run.board.state == WAITING and self._place(run) > 0:
            run.future.cancel()
            return
        Variable(run_id, client=self.cluster().client).set({"command": command, "learning_rate": learning_rate})

    def checkpoint(self, owner: str, run_id: str) -> Path | None:
        """The run's last checkpoint, if it has one."""
        return self._file(owner, run_id, CHECKPOINT)

    def predictions(self, owner: str, run_id: str) -> Path | None:
        """Probabilities of all validation pictures, once the run is over."""
        return self._file(owner, run_id, PREDICTIONS)

    def _file(self, owner: str, run_id: str, name: str) -> Path | None:
        run = self._owned(owner, run_id)
        return run.folder / name if run is not None and (run.folder / name).exists() else None

    def _owned(self, owner: str, run_id: str) -> Run | None:
        run = self._runs.get(run_id)
        return run if run is not None and secrets.compare_digest(run.owner, owner) else None

    def _place(self, run: Run) -> int:
        with self._lock:
            return sum(not other.is_over and other.since < run.since for other in self._runs.values())

    def _check_room(self, owner: str) -> None:
        unfinished = [run for run in self._runs.values() if not run.is_over]
        if sum(run.owner == owner for run in unfinished) >= PER_OWNER:
            raise PlaygroundError(
                f"You have {PER_OWNER} unfinished runs, the most at a time: stop one or let it finish."
            )
        if len(unfinished) >= PER_SERVER:
            raise PlaygroundError(f"{PER_SERVER} runs are waiting on this server, the most at a time: try again later.")

    def _tidy(self, owner: str) -> None:
        """Forget the owner's oldest finished runs, and uploads that only they needed."""
        finished = sorted((r.since, i) for i, r in self._runs.items() if r.owner == owner and r.is_over)
        for _, run_id in finished[: max(0, len(finished) - KEPT)]:
            shutil.rmtree(self._runs.pop(run_id).folder, ignore_errors=True)
        self._forget_dropped()


def _in_background(work: Callable[..., object], *arguments: object) -> None:
    def done() -> None:
        with contextlib.suppress(PlaygroundError):  # the server is closing, and nobody waits for this
            work(*arguments)

    threading.Thread(target=done, daemon=True).start()


def _sentence(error: BaseException | None) -> str:
    """What went wrong, for the person who started the run."""
    if isinstance(error, PlaygroundError):
        return str(error)
    if isinstance(error, KilledWorker):
        return (
            "The training process died several times, most likely for want of memory: use smaller batches or pictures."
        )
    log.error("a run failed", exc_info=error)
    return f"The run broke off with an error of ours: {type(error).__name__}."
