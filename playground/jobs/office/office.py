"""Starts, watches and steers runs. Everybody sees only what is theirs, and what is on disk outlives this server."""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path

from core import cpu_count
from core.datasets.cachedir import cache_folder
from core.errors import PlaygroundError
from core.training.recipe.config import TrainConfig
from playground.jobs import store
from playground.jobs.board import PAUSED, PREPARING, WAITING, View
from playground.jobs.lasting.offices import Offices
from playground.jobs.lasting.runfolder import PAUSE, RUN, STOP, Wishes
from playground.jobs.lasting.shelf import Shelf
from playground.jobs.office.decoded import keep_within
from playground.jobs.office.dispatch import Dispatch
from playground.jobs.office.finders import Finders
from playground.jobs.office.pictures import Pictures
from playground.jobs.office.rounds import Rounds
from playground.jobs.office.run import Run
from playground.jobs.orders import Order, Source
from playground.jobs.processes.cluster import Cluster
from playground.jobs.processes.devices import Device

PER_OWNER = 2  # runs at a time, waiting ones counted
PER_SERVER = 60
KEPT = 12  # finished runs of one owner that can still be looked at
KEPT_BYTES = 2_000_000_000  # and what they may take of the disk
KEPT_DAYS = 7.0  # days after an owner's last visit for which the pictures of their finished runs are kept
AWAY = 20 * 60.0  # seconds after which a run whose owner is gone makes room


class Office:
    """All runs of this server. Whoever asks must be the owner; a run of somebody else does not exist for them."""

    def __init__(self, folder: Path | None = None, away: float = AWAY) -> None:
        self.shelf = Shelf(folder or cache_folder("training"))
        self.away = away
        self.offices = Offices(self.shelf.root / "offices")
        self.dispatch = Dispatch(self._send_again)
        self.pictures = Pictures(self.shelf.root, self.dispatch)
        self.finders = Finders(self.shelf.root, self.dispatch)
        self._runs: dict[str, Run] = {}
        self._lock = threading.RLock()
        atexit.register(self.close)
        self.rounds = Rounds(self)

    # --- the cluster ---

    def cluster(self) -> Cluster:
        """The cluster, started at the first call; a broken one is replaced."""
        return self.dispatch.cluster()

    def devices(self) -> tuple[Device, ...]:
        """On what runs can be computed."""
        return self.dispatch.devices()

    def warm_up(self) -> None:
        """Start the cluster in the background, so that the first run begins at once."""
        _in_background(self.cluster)

    def close(self) -> None:
        """End the processes. Runs stay on disk, and the next server goes on with them."""
        atexit.unregister(self.close)
        self.rounds.close()
        self.dispatch.close()
        self.offices.close()

    # --- pictures ---

    def drop_upload(self, source: Source) -> None:
        """Remove an uploaded archive; its decoded pictures stay for as long as there are runs to look at."""
        self.pictures.drop_upload(source)
        if source.is_upload:
            self.tidy(Path(source.path).parent.parent.name)

    def prepare_in_background(self, source: Source, size: int) -> None:
        """As `pictures.prepare`, for a page that must not wait for the cluster; old decoded sets make room."""
        _in_background(self.make_room)
        _in_background(self.pictures.prepare, source, size)

    def make_room(self) -> None:
        """Remove decoded pictures that nobody has used for long, if there are too many of them."""
        keep_within(self.shelf.root / "decoded", self._needed_pictures)

    def _needed_pictures(self) -> set[Path]:
        """Those of runs that are not over, and of runs whose owner was here lately."""
        unfinished = {turn.run_id for turn in self.shelf.queue()}
        lately = time.time() - KEPT_DAYS * 86_400
        needed = set()
        for owner in self.shelf.owners():
            for run_id in self.shelf.of_owner(owner):
                folder = self.shelf.folder(owner, run_id)
                order = folder.order() if folder else None
                if order and (run_id in unfinished or max(self.shelf.seen(owner), order.since) > lately):
                    needed.add(Path(order.pictures))
        return needed

    # --- runs ---

    def start(self, owner: str, source: Source, size: int, config: TrainConfig, device: str = "cpu") -> str:
        """Queue a run. Returns its id, which nobody can guess.

        Raises: PlaygroundError if the owner or the server has too many runs already.
        """
        with self._lock:
            self._check_room(owner)
            order = self._order(owner, source, size, config, device)
            run_id, folder = order.run_id, self.shelf.new_folder(owner, order.run_id)
            folder.create(order)
            run = self._runs[run_id] = Run.open(folder)
            self.shelf.enqueue(device, owner, run_id)
            self.shelf.see(owner, self.away / 10)
        try:
            self.dispatch.send(run)
        except Exception:
            self._forget(run)
            raise
        store.use(self.pictures.file(source, size))
        self.tidy(owner)
        return run_id

    def find_rate(self, owner: str, source: Source, size: int, config: TrainConfig, device: str = "cpu") -> None:
        """Look for a learning rate for a run; `finders.of(owner)` tells what comes of it.

        Raises: PlaygroundError if the server has too much of that to do already.
        """
        self.finders.start(self._order(owner, source, size, config, device))

    def _order(self, owner: str, source: Source, size: int, config: TrainConfig, device: str) -> Order:
        """A new order under a name that nobody can guess."""
        run_id, pictures = secrets.token_urlsafe(12), str(self.pictures.file(source, size))
        what = (run_id, owner, source, size, config, pictures, time.time(), self.offices.name)
        return Order(*what, device, cpu_count.allowed() if self.cluster().is_ours else 0)

    def watch(self, owner: str, run_id: str) -> View | None:
        """The run as it stands; None if there is none of that owner by that id. A run paused for want of its owner
        goes on, since here they are."""
        run = self._owned(owner, run_id)
        if run is None:
            return None
        self.shelf.see(owner, self.away / 10)
        run.catch_up()
        if run.board.state == PAUSED and run.folder.wishes().away:
            self.wish(owner, run_id, RUN)
        view = run.board.view()
        if view.state != WAITING:
            return view
        preparing = self.pictures.preparation(run.order.source, run.order.size)
        if preparing is not None and preparing.total and not preparing.future.done():
            return dataclasses.replace(view, state=PREPARING, prepared=(preparing.done, preparing.total))
        return dataclasses.replace(view, place=self.place(run))

    def mine(self, owner: str) -> list[View]:
        """The owner's runs, the newest first."""
        runs = [run for run_id in self.shelf.of_owner(owner) if (run := self._owned(owner, run_id))]
        for run in runs:
            run.catch_up()
        return [run.board.view() for run in sorted(runs, key=lambda run: -run.order.since)]

    def wish(self, owner: str, run_id: str, command: str, learning_rate: float | None = None) -> None:
        """Tell a run to `stop`, `pause` or `run` on, and at which learning rate; None leaves that as it is."""
        run = self._owned(owner, run_id)
        if run is None or run.is_over or command not in (RUN, PAUSE, STOP):
            return
        with run.steering:
            self._steer(run, command, learning_rate)

    def _steer(self, run: Run, command: str, learning_rate: float | None) -> None:
        rate = run.folder.wishes().learning_rate if learning_rate is None else learning_rate
        run.folder.wish(Wishes(command, rate))
        run.catch_up()
        if command == STOP and run.board.state == WAITING and run.board.view().began is None and self.place(run):
            self.dispatch.drop(run.order.run_id, cancel=True)
            self.end(run, "Stopped before it began.")
        elif command != PAUSE and run.is_parked:
            self._call_back(run)

    def _call_back(self, run: Run) -> None:
        """Send a parked run to the end of the queue."""
        run.say(kind="Called")
        self.shelf.enqueue(run.order.device, run.order.owner, run.order.run_id)
        self.claim(run)
        self.dispatch.send(run)

    def checkpoint(self, owner: str, run_id: str) -> Path | None:
        """The run's last checkpoint, if it has one."""
        run = self._owned(owner, run_id)
        return run.folder.checkpoint if run is not None and run.folder.checkpoint.exists() else None

    def predictions(self, owner: str, run_id: str) -> Path | None:
        """Probabilities of all validation pictures, once the run is over."""
        run = self._owned(owner, run_id)
        return run.folder.predictions if run is not None and run.folder.predictions.exists() else None

    def _owned(self, owner: str, run_id: str) -> Run | None:
        folder = self.shelf.folder(owner, run_id)
        if folder is None:
            return None
        with self._lock:
            run = self._runs.get(run_id) or Run.open(folder)
            if run is not None:
                self._runs[run_id] = run
            return run

    def place(self, run: Run) -> int:
        """How many runs are before it on its device."""
        before = 0
        for turn in self.shelf.queue():
            if turn.run_id == run.order.run_id:
                return before
            before += turn.device == run.order.device
        return 0

    def is_busy(self, device: str) -> bool:
        """Whether runs go on or wait there."""
        return any(turn.device == device for turn in self.shelf.queue())

    def _check_room(self, owner: str) -> None:
        if sum(not view.is_over for view in self.mine(owner)) >= PER_OWNER:
            raise PlaygroundError(
                f"You have {PER_OWNER} unfinished runs, the most at a time: stop one or let it finish."
            )
        if len(self.shelf.queue()) >= PER_SERVER:
            raise PlaygroundError(f"{PER_SERVER} runs are waiting on this server, the most at a time: try again later.")

    # --- what the rounds do with them ---

    def loaded(self) -> list[Run]:
        """The runs in memory."""
        with self._lock:
            return list(self._runs.values())

    def run_of(self, owner: str, run_id: str) -> Run | None:
        """The owner's run by that id."""
        return self._owned(owner, run_id)

    def put_aside(self, run_id: str) -> None:
        """Forget a run, in memory only."""
        with self._lock:
            self._runs.pop(run_id, None)

    def end(self, run: Run, reason: str) -> None:
        """A run that will have no result."""
        run.say(kind="Failed", error=reason)
        self.shelf.dequeue(run.order.run_id)
        self.dispatch.drop(run.order.run_id)

    def claim(self, run: Run) -> None:
        """Look after a run from now on."""
        run.order = dataclasses.replace(run.order, office=self.offices.name)
        run.folder.rewrite(run.order)

    def _send_again(self) -> None:
        """The cluster is a new one: it gets all that the old one had not finished."""
        self.pictures.forget_preparations()
        for run in self.loaded():
            run.catch_up()
            if run.order.office == self.offices.name and not (run.is_over or run.is_parked):
                run.say(kind="Called")
                self.dispatch.send(run)

    def tidy(self, owner: str) -> None:
        """Remove the owner's oldest finished runs, and uploads that only they needed."""
        runs = [run for run_id in self.shelf.of_owner(owner) if (run := self._owned(owner, run_id))]
        finished = sorted((run for run in runs if run.is_over), key=lambda run: -run.order.since)
        kept_bytes = 0
        for place, run in enumerate(finished):
            kept_bytes += run.folder.size_bytes()
            if place >= KEPT or (place and kept_bytes > KEPT_BYTES):
                self._forget(run)
                runs.remove(run)
        self.pictures.tidy(owner, runs)

    def _forget(self, run: Run) -> None:
        with self._lock:
            self._runs.pop(run.order.run_id, None)
            self.dispatch.drop(run.order.run_id)
            self.shelf.remove(run.order.owner, run.order.run_id)


def _in_background(work: Callable[..., object], *arguments: object) -> None:
    def done() -> None:
        with contextlib.suppress(PlaygroundError):  # the server is closing, and nobody waits for this
            work(*arguments)

    threading.Thread(target=done, daemon=True).start()
