"""What is known of a run: built from its event log, read by the pages that watch it."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from core.jobs.job_spec import Source
from core.jobs.storage.event_log import EventRecord
from core.training.events import KINDS, Began, Done, Epoch, Event, Snapshot, TrainingStep, from_dict
from core.training.recipe.config import TrainConfig
from core.training.workload import Workload

WAITING, PREPARING, RUNNING, PAUSED, ENDED, FAILED = "waiting", "preparing", "running", "paused", "ended", "failed"
OVER = (ENDED, FAILED)
USAGE = "Vitals"  # the kind of event that a `ResourceUsage` is
SPEED_WINDOW_S = 5.0  # over which the present speed is measured
SPEED_AFTER_S = 0.8  # before it means anything


@dataclass(frozen=True)
class ResourceUsage:
    """Speed and memory of the training process at one moment.

    `memory_bytes` are those of its device that training takes: weights, gradients, activations and what comes with
    them, not the program and the images. `peak_bytes` is the most so far.
    """

    step: int
    images_per_second: float
    memory_bytes: int
    peak_bytes: int


@dataclass(frozen=True)
class RunView:
    """A run as it stands at one moment. `queue_position` is how many runs are before it; `seconds_left` is an estimate.

    `away`: it is paused because its owner was gone; `parked`: a paused run that has left its device to others,
    `parkings` times so far. `worker` is the name of the one that computes it.
    """

    run_id: str
    source: Source
    size: int
    config: TrainConfig
    device: str = "cpu"
    created_at: float = 0.0
    state: str = WAITING
    queue_position: int = 0
    prepared: tuple[int, int] = (0, 0)  # images decoded, of
    worker: str = ""
    began: Began | None = None
    steps: tuple[TrainingStep, ...] = ()
    epochs: tuple[Epoch, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    usage: tuple[ResourceUsage, ...] = ()
    done: Done | None = None
    error: str = ""
    away: bool = False
    parked: bool = False
    parkings: int = 0
    resumed: int = 0  # how often it went on from a checkpoint
    begun_anew: bool = False  # its checkpoint was damaged
    seconds_left: float | None = None
    images_per_second: float | None = None

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def snapshot(self) -> Snapshot | None:
        """The latest look inside the network."""
        return self.snapshots[-1] if self.snapshots else None

    @property
    def share(self) -> float:
        """How much of the run is done, 0 to 1."""
        if self.done and self.done.reason == "finished":
            return 1.0
        return self.steps[-1].step / self.began.steps if self.began and self.steps else 0.0


class _Mark(NamedTuple):
    """At which time (seconds since 1970) a step was reached, how many validations were done, how many images seen."""

    at: float
    step: int
    validated: int
    seen: int


class RunState:
    """The events of one run put together: `now` it is so, without what grows while it goes on.

    One thread writes, any number read.
    """

    def __init__(self, view: RunView) -> None:
        self.now = view
        self._series: dict[type, list[Any]] = {TrainingStep: [], Epoch: [], Snapshot: [], ResourceUsage: []}
        self._marks: deque[_Mark] = deque()
        self._lock = threading.Lock()

    def view(self) -> RunView:
        """The run as it stands now."""
        with self._lock:
            seconds_left, speed = self._speed()
            steps, epochs, snapshots, usage = map(tuple, self._series.values())
            now = replace(self.now, steps=steps, epochs=epochs, snapshots=snapshots, usage=usage)
            return replace(now, seconds_left=seconds_left, images_per_second=speed)

    def apply(self, events: Sequence[EventRecord], at: float) -> None:
        """Take in what happened at a time (seconds since 1970). A run that starts again replaces what it repeats."""
        with self._lock:
            for event in events:
                if self.now.is_over:
                    return
                with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError):  # damaged, or too new
                    self._apply(event, at)

    def _apply(self, event: EventRecord, at: float) -> None:
        if event["kind"] in KINDS:
            self._training_event(from_dict(event), at)
        elif event["kind"] == USAGE:
            self._series[ResourceUsage].append(ResourceUsage(**{k: v for k, v in event.items() if k != "kind"}))
        else:
            self.now = replace(self.now, **self._change(event))

    def _change(self, event: EventRecord) -> dict[str, Any]:
        if event["kind"] in ("Paused", "Parked"):
            self._marks.clear()
        return _CHANGES[event["kind"]](event, self.now)

    def _training_event(self, event: Event, at: float) -> None:
        if isinstance(event, Began):
            self._begin(event, at)
        elif isinstance(event, Done):
            self.now = replace(self.now, state=ENDED, done=event, parked=False)
        else:
            self._series[type(event)].append(event)
            if isinstance(event, TrainingStep):
                self._mark(_Mark(at, event.step, (event.step - 1) // self._batches, event.seen))
            elif isinstance(event, Epoch):
                self._mark(_Mark(at, event.step, event.epoch, self._seen))

    @property
    def _batches(self) -> int:
        """Steps of an epoch."""
        return self.now.began.steps_per_epoch if self.now.began else 1

    @property
    def _seen(self) -> int:
        steps = self._series[TrainingStep]
        return steps[-1].seen if steps else 0

    def _begin(self, event: Began, at: float) -> None:
        for kind, series in self._series.items():  # what came after that step will come again
            self._series[kind] = [one for one in series if one.step <= event.step]
        self._marks.clear()
        resumed = self.now.resumed + (event.step > 0)
        self.now = replace(self.now, state=RUNNING, began=event, parked=False, away=False, resumed=resumed)
        self._mark(_Mark(at, event.step, event.step // self._batches, self._seen))

    def _mark(self, mark: _Mark) -> None:
        if self._marks and mark.at < self._marks[-1].at:  # the clock was put back
            self._marks.clear()
        self._marks.append(mark)
        while mark.at - self._marks[0].at > SPEED_WINDOW_S and len(self._marks) > 3:  # an epoch of one long step too
            self._marks.popleft()

    def _speed(self) -> tuple[float | None, float | None]:
        """Seconds left and images per second, by the last few seconds, validation included; None if not known yet."""
        began = self.now.began
        if self.now.state != RUNNING or began is None or len(self._marks) < 2:
            return None, None
        first, last = self._marks[0], self._marks[-1]
        seconds = last.at - first.at
        if seconds < SPEED_AFTER_S:
            return None, None
        work = Workload(self.now.config, self.now.size, began.train_images, began.val_images, began.step)
        left = work.seconds_left(first.step, last.step, seconds, (first.validated, last.validated))
        left = None if left is None else max(0.0, left - max(0.0, time.time() - last.at))
        return left, (last.seen - first.seen) / seconds if last.step > first.step else None


_CHANGES: dict[str, Callable[[EventRecord, RunView], dict[str, Any]]] = {
    "Preparing": lambda event, view: {"state": PREPARING, "prepared": (event["done"], event["total"])},
    "Placed": lambda event, view: {"worker": event["words"]},
    "Paused": lambda event, view: {"state": PAUSED, "away": event["away"]},
    "Resumed": lambda event, view: {"state": RUNNING, "away": False},
    "Parked": lambda event, view: {"state": PAUSED, "parked": True, "parkings": view.parkings + 1},
    "Called": lambda event, view: {"state": WAITING, "worker": "", "parked": False, "away": False},
    "CheckpointDamaged": lambda event, view: {"begun_anew": True},
    "Failed": lambda event, view: {"state": FAILED, "error": event["error"], "parked": False},
}
