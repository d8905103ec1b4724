"""Searches for a learning rate: one an owner at a time, short, gone when its owner wants it no more."""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from distributed import Future, KilledWorker

from core.errors import PlaygroundError
from core.training.lr_range_test import RangeTestStep
from playground.jobs.board import ENDED, FAILED, OVER, PREPARING, RUNNING, WAITING
from playground.jobs.lasting.diary import Reader
from playground.jobs.lasting.runfolder import RunFolder
from playground.jobs.office.dispatch import KILLED, Dispatch
from playground.jobs.orders import Order
from playground.jobs.processes.asked import finding

PER_SERVER = 40  # searches at a time
FIRST = 1  # Dask's priority: a search is short, and goes before the runs that wait
KEPT_SECONDS = 86_400.0
BROKE = "The search broke off with the training process: try again."


@dataclass(frozen=True)
class Search:
    """How far a search is. `rate` is the suggestion once it has ended, None where the loss was never a number."""

    order: Order
    state: str = WAITING
    prepared: tuple[int, int] = (0, 0)
    steps: tuple[RangeTestStep, ...] = ()
    rate: float | None = None
    error: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in OVER

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1."""
        return 1.0 if self.is_over else len(self.steps) / finding.STEPS


@dataclass
class _Asked:
    search: Search
    folder: RunFolder
    reader: Reader
    future: Future
    reading: threading.Lock = field(default_factory=threading.Lock)

    def catch_up(self) -> Search:
        with self.reading:
            status = self.future.status  # looked at before the diary: what has ended has said all
            for bundle in self.reader.new():
                for said in bundle.said:
                    self.search = _heard(self.search, said)
            if status in ("error", "cancelled", "lost") and not self.search.is_over:
                self.search = replace(self.search, state=FAILED, error=self._why(status))
            return self.search

    def _why(self, status: str) -> str:
        error = self.future.exception() if status == "error" else None
        return KILLED if isinstance(error, KilledWorker) else BROKE


class Finders:
    """All searches of this server. Each owner sees their own."""

    def __init__(self, root: Path, dispatch: Dispatch) -> None:
        self._folder, self._dispatch = root / "finders", dispatch
        self._asked: dict[str, _Asked] = {}
        self._lock = threading.Lock()

    def start(self, order: Order) -> None:
        """Begin a search; what its owner was looking for before is given up.

        Raises: PlaygroundError if too many people search just now, or the server is closing.
        """
        cluster = self._dispatch.cluster()
        self.stop(order.owner)
        with self._lock:
            if sum(not asked.search.is_over for asked in self._asked.values()) >= PER_SERVER:
                raise PlaygroundError(f"{PER_SERVER} people are looking for a learning rate: try again in a minute.")
            folder = RunFolder(self._folder / order.owner / order.run_id)
            folder.create(order)
            how = {"resources": cluster.place(order.device) or None, "priority": FIRST, "pure": False}
            future = cluster.client.submit(finding.find_rate, str(folder.path), **how)
            self._asked[order.owner] = _Asked(Search(order), folder, folder.reader(), future)

    def of(self, owner: str) -> Search | None:
        """The owner's search as it stands; None if there is none."""
        asked = self._asked.get(owner)
        return asked.catch_up() if asked else None

    def stop(self, owner: str) -> None:
        """The owner wants to know no more."""
        with self._lock:
            asked = self._asked.pop(owner, None)
        if asked is not None:
            shutil.rmtree(asked.folder.path, ignore_errors=True)
            with contextlib.suppress(TimeoutError, OSError):
                asked.future.cancel(force=True)

    def tidy(self) -> None:
        """Remove what nobody has looked at for a day, and what servers have left that are gone."""
        until = time.time() - KEPT_SECONDS
        for folder in self._folder.glob("*/*"):
            if folder.stat().st_mtime < until:
                shutil.rmtree(folder, ignore_errors=True)
        with self._lock:
            self._asked = {owner: asked for owner, asked in self._asked.items() if asked.folder.path.exists()}


def _heard(search: Search, said: dict) -> Search:
    """A search after one more message. One that begins again, because its process died, says all again."""
    kind = said["kind"]
    if kind == "Preparing":
        return replace(search, state=PREPARING, prepared=(said["done"], said["total"]))
    if kind == "Began":
        return replace(search, state=RUNNING, steps=())
    if kind == "Tried":
        return replace(search, steps=(*search.steps, RangeTestStep(**{k: v for k, v in said.items() if k != "kind"})))
    if kind == "Found":
        return replace(search, state=ENDED, rate=said["rate"])
    return replace(search, state=FAILED, error=said["error"])
