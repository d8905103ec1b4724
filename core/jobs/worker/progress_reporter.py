"""The training process's end of the line: it writes the diary in bundles, and looks up wishes by time, not by step."""

from __future__ import annotations

import time
from typing import Any

from core.jobs.storage.run_folder import PAUSE, STOP, RunFolder, Wishes
from core.jobs.worker.memory_meter import Meter

TALK = 0.1  # seconds between two bundles
LISTEN = 0.25  # seconds between two looks at what the owner wants
FEEL = 0.5  # seconds between two looks at speed and memory
HOLD = 30.0  # seconds for which a paused run keeps its device


class Parked(Exception):
    """The run was paused for so long that it leaves its device to others."""


class Wire:
    """Says what happens in a run, and does what its owner wishes."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.meter: Meter | None = None  # once there is something to measure
        self._messages: list[dict] = []
        self._talked = self._listened = 0.0
        self._felt = (time.monotonic(), 0)  # when, and how many pictures had been seen
        self._rate: float | None = None  # the last wish that was granted

    def say(self, message: dict) -> None:
        """Write a message, at the latest with the next one after `TALK` seconds."""
        self._messages.append(message)
        if time.monotonic() - self._talked > TALK:
            self.flush()

    def flush(self) -> None:
        """Write what has not been written yet."""
        if self._messages:
            self.folder.say(*self._messages)
        self._messages, self._talked = [], time.monotonic()

    def preparing(self, done: int, total: int) -> None:
        """Pictures are being decoded."""
        if time.monotonic() - self._talked > TALK or done == total:
            self.say({"kind": "Preparing", "done": done, "total": total})

    def obey(self, trainer: Any) -> None:
        """Stop, pause or change the learning rate, if the owner wants that. Raises: Parked."""
        self._feel(trainer)
        if time.monotonic() - self._listened < LISTEN:
            return
        wishes = self._wishes()
        if wishes.command == PAUSE:
            wishes = self._wait(wishes)
            self._felt = time.monotonic(), trainer.seen
        if wishes.command == STOP:
            trainer.stop()
        if wishes.learning_rate is not None and wishes.learning_rate != self._rate:
            trainer.learning_rate = self._rate = wishes.learning_rate

    def _wait(self, wishes: Wishes) -> Wishes:
        self.say({"kind": "Paused", "away": wishes.away})
        self.flush()
        since = time.monotonic()
        while wishes.command == PAUSE:
            if wishes.away or time.monotonic() - since > HOLD:
                raise Parked
            time.sleep(LISTEN)
            wishes = self._wishes()
        self.say({"kind": "Resumed"})
        return wishes

    def _wishes(self) -> Wishes:
        self._listened = time.monotonic()
        return self.folder.wishes()

    def _feel(self, trainer: Any) -> None:
        """Now and then, say how fast it goes and how much memory it takes."""
        now, (since, seen) = time.monotonic(), self._felt
        if now - since < FEEL or self.meter is None:
            return
        self._felt = now, trainer.seen
        used, peak = self.meter.read()
        speed = max(0, trainer.seen - seen) / (now - since)
        self.say(
            {
                "kind": "Vitals",
                "step": trainer.step,
                "images_per_second": speed,
                "memory_bytes": used,
                "peak_bytes": peak,
            }
        )
