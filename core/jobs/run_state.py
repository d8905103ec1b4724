"""What is known of a run: built from what its diary says, read by the pages that watch it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.jobs.job_spec import Source
from core.training.events import KINDS, Began, Done, Epoch, Snapshot, Step, from_dict
from core.training.recipe.config import TrainConfig

WAITING, PREPARING, RUNNING, PAUSED, ENDED, FAILED = "waiting", "preparing", "running", "paused", "ended", "failed"
OVER = (ENDED, FAILED)
SPEED_WINDOW = 5.0  # seconds over which the present speed is measured
SPEED_AFTER = 0.8  # seconds before it means anything


@dataclass(frozen=True)
class Vitals:
    """How the training process does at one moment.

    `memory_bytes` are those of its device that training takes: weights, gradients, activations and what comes with
    them, not the program and the pictures. `peak_bytes` is the most so far.
    """

    step: int
    images_per_second: float
    memory_bytes: int
    peak_bytes: int


@dataclass(frozen=True)
class View:
    """A run as it stands at one moment. `place` is how many runs are before it; `seconds_left` is an estimate.

    `away`: it is paused because its owner was gone; `parked`: a paused run that has left its device to others,
    `parkings` times so far. `placed` says in words on what it is computed.
    """

    run_id: str
    source: Source
    size: int
    config: TrainConfig
    device: str = "cpu"
    since: float = 0.0
    state: str = WAITING
    place: int = 0
    prepared: tuple[int, int] = (0, 0)  # pictures done, of
    placed: str = ""
    began: Began | None = None
    steps: tuple[Step, ...] = ()
    epochs: tuple[Epoch, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    vitals: tuple[Vitals, ...] = ()
    done: Done | None = None
    error: str = ""
    away: bool = False
    parked: bool = False
    parkings: int = 0
    resumed: int = 0  # how often it went on from a checkpoint
    seconds_left: float | None = None
    images_per_second: float | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in OVER

    @property
    def snapshot(self) -> Snapshot | None:
        """The last look inside."""
        return self.snapshots[-1] if self.snapshots else None

    @property
    def share(self) -> float:
        """How much of the run is done, 0 to 1."""
        if self.done and self.done.reason == "finished":
            return 1.0
        return self.steps[-1].step / self.began.steps if self.began and self.steps else 0.0


class Board:
    """The messages of one run put together. One thread writes, any number read."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._lists: dict[type, list] = {Step: [], Epoch: [], Snapshot: [], Vitals: []}
        self._marks: deque[tuple[float, Step]] = deque()  # when which step was reached
        self._lock = threading.Lock()

    def view(self) -> View:
        """The run as it stands now."""
        with self._lock:
            left, speed = self._speed()
            steps, epochs, snapshots, vitals = map(tuple, self._lists.values())
            lists = {"steps": steps, "epochs": epochs, "snapshots": snapshots, "vitals": vitals}
            return replace(self._view, **lists, seconds_left=left, images_per_second=speed)

    @property
    def state(self) -> str:
        """Where in its life the run is."""
        return self._view.state

    @property
    def parkings(self) -> int:
        """How often it left its device."""
        return self._view.parkings

    @property
    def is_parked(self) -> bool:
        """Whether it is paused and has left its device."""
        return self._view.parked

    def hear(self, messages: Sequence[dict], at: float) -> None:
        """Take in what was said at a time (seconds since 1970). A run that starts again replaces what it says again."""
        with self._lock:
            for message in messages:
                if self._view.is_over:
                    return
                if message["kind"] in KINDS:
                    self._event(from_dict(message), at)
                elif message["kind"] == "Vitals":
                    self._lists[Vitals].append(Vitals(**{k: v for k, v in message.items() if k != "kind"}))
                else:
                    self._view = replace(self._view, **self._change(message))

    def _change(self, message: dict) -> dict[str, Any]:
        if message["kind"] in ("Paused", "Parked"):
            self._marks.clear()
        return _CHANGES[message["kind"]](message, self._view)

    def _event(self, event: object, at: float) -> None:
        if isinstance(event, Began):
            self._begin(event)
        elif isinstance(event, Done):
            self._view = replace(self._view, state=ENDED, done=event, parked=False)
        else:
            self._lists[type(event)].append(event)
            if isinstance(event, Step):
                self._mark(event, at)

    def _begin(self, event: Began) -> None:
        for kind, said in self._lists.items():
            self._lists[kind] = [one for one in said if one.step <= event.step]
        self._marks.clear()
        resumed = self._view.resumed + (event.step > 0)
        self._view = replace(self._view, state=RUNNING, began=event, parked=False, away=False, resumed=resumed)

    def _mark(self, step: Step, at: float) -> None:
        self._marks.append((at, step))
        while at - self._marks[0][0] > SPEED_WINDOW and len(self._marks) > 2:
            self._marks.popleft()

    def _speed(self) -> tuple[float | None, float | None]:
        """Seconds left and pictures a second, by the last few seconds, validation included; None if not known yet."""
        if self._view.state != RUNNING or len(self._marks) < 2:
            return None, None
        (since, first), (until, last) = self._marks[0], self._marks[-1]
        if until - since < SPEED_AFTER or last.step == first.step:
            return None, None
        left = (self._view.began.steps - last.step) * (until - since) / (last.step - first.step)
        return max(0.0, left - max(0.0, time.time() - until)), (last.seen - first.seen) / (until - since)


_CHANGES = {
    "Preparing": lambda said, view: {"state": PREPARING, "prepared": (said["done"], said["total"])},
    "Placed": lambda said, view: {"placed": said["words"]},
    "Paused": lambda said, view: {"state": PAUSED, "away": said["away"]},
    "Resumed": lambda said, view: {"state": RUNNING, "away": False},
    "Parked": lambda said, view: {"state": PAUSED, "parked": True, "parkings": view.parkings + 1},
    "Called": lambda said, view: {"state": WAITING, "parked": False, "away": False},
    "Failed": lambda said, view: {"state": FAILED, "error": said["error"], "parked": False},
}
