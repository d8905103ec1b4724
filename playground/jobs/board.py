"""What is known of a run: built from the messages its task sends, read by the pages that watch it."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, replace

from core.training.events import KINDS, Began, Done, Epoch, Snapshot, Step, from_dict
from core.training.recipe.config import TrainConfig
from playground.jobs.orders import Source

WAITING, PREPARING, RUNNING, PAUSED, ENDED, FAILED = "waiting", "preparing", "running", "paused", "ended", "failed"
OVER = (ENDED, FAILED)
SPEED_WINDOW = 5.0  # seconds over which the present speed is measured
SPEED_AFTER = 0.8  # seconds before it means anything


@dataclass(frozen=True)
class View:
    """A run as it stands at one moment. `place` is how many runs are before it; `seconds_left` is an estimate."""

    run_id: str
    source: Source
    size: int
    config: TrainConfig
    state: str = WAITING
    place: int = 0
    prepared: tuple[int, int] = (0, 0)  # pictures done, of
    began: Began | None = None
    steps: tuple[Step, ...] = ()
    epochs: tuple[Epoch, ...] = ()
    snapshot: Snapshot | None = None
    done: Done | None = None
    error: str = ""
    seconds_left: float | None = None
    images_per_second: float | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in OVER

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
        self._steps: list[Step] = []
        self._epochs: list[Epoch] = []
        self._marks: deque[tuple[float, Step]] = deque()  # when which step was reached
        self._lock = threading.Lock()

    def view(self) -> View:
        """The run as it stands now."""
        with self._lock:
            left, speed = self._speed()
            lists = {"steps": tuple(self._steps), "epochs": tuple(self._epochs)}
            return replace(self._view, **lists, seconds_left=left, images_per_second=speed)

    @property
    def state(self) -> str:
        """Where in its life the run is."""
        return self._view.state

    def hear(self, messages: list[dict]) -> None:
        """Take in what the task says, in order. A task that starts again replaces what it says again."""
        with self._lock:
            for message in messages:
                if self._view.is_over:
                    return
                if message["kind"] in KINDS:
                    self._event(from_dict(message))
                else:
                    self._view = replace(self._view, **_STATES[message["kind"]](message))

    def fail(self, sentence: str) -> None:
        """The run ended without a result."""
        with self._lock:
            self._view = replace(self._view, state=FAILED, error=sentence)

    def _event(self, event: object) -> None:
        if isinstance(event, Step):
            self._steps.append(event)
            self._mark(event)
        elif isinstance(event, Epoch):
            self._epochs.append(event)
        elif isinstance(event, Snapshot):
            self._view = replace(self._view, snapshot=event)
        elif isinstance(event, Done):
            self._view = replace(self._view, state=ENDED, done=event)
        elif isinstance(event, Began):
            self._steps = [step for step in self._steps if step.step <= event.step]
            self._epochs = [epoch for epoch in self._epochs if epoch.step <= event.step]
            self._marks.clear()
            self._view = replace(self._view, state=RUNNING, began=event)

    def _mark(self, step: Step) -> None:
        now = time.monotonic()
        self._marks.append((now, step))
        while now - self._marks[0][0] > SPEED_WINDOW and len(self._marks) > 2:
            self._marks.popleft()

    def _speed(self) -> tuple[float | None, float | None]:
        """Seconds left and pictures a second, by the last few seconds, validation included; None if not known yet."""
        if self._view.state != RUNNING or len(self._marks) < 2:
            return None, None
        (since, first), (until, last) = self._marks[0], self._marks[-1]
        if until - since < SPEED_AFTER or last.step == first.step:
            return None, None
        left = (self._view.began.steps - last.step) * (until - since) / (last.step - first.step)
        return max(0.0, left - (time.monotonic() - until)), (last.seen - first.seen) / (until - since)


_STATES = {
    "Paused": lambda message: {"state": PAUSED},
    "Resumed": lambda message: {"state": RUNNING},
}
