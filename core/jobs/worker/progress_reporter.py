"""A run's tie to the outside: events go to its log in batches, and its owner's command is read by time, not by step."""

from __future__ import annotations

import dataclasses
import time

from core.jobs.run_state import USAGE, ResourceUsage
from core.jobs.storage.event_log import EventRecord
from core.jobs.storage.run_folder import PAUSE, STOP, RunCommand, RunFolder
from core.jobs.worker.memory_meter import MemoryMeter
from core.training import Trainer

WRITE_EVERY_S = 0.1  # between two batches of events
POLL_EVERY_S = 0.25  # between two looks at what the owner wants
MEASURE_EVERY_S = 0.5  # between two looks at speed and memory
HOLD_S = 30.0  # for which a paused run keeps its device


class Parked(Exception):
    """The run was paused for so long that it leaves its device to others."""


class ProgressReporter:
    """Reports what happens in a run, and does what its owner wants."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.meter: MemoryMeter | None = None  # once there is something to measure
        self._events: list[EventRecord] = []
        self._wrote = self._polled = 0.0
        self._measured = (time.monotonic(), 0)  # when, and how many images had been seen
        self._rate: float | None = None  # the last one that was set by command

    def report(self, event: EventRecord) -> None:
        """Write an event, at the latest with the next one after `WRITE_EVERY_S` seconds."""
        self._events.append(event)
        if time.monotonic() - self._wrote > WRITE_EVERY_S:
            self.flush()

    def flush(self) -> None:
        if self._events:
            self.folder.event_log.append(*self._events)
        self._events, self._wrote = [], time.monotonic()

    def decoding(self, done: int, total: int) -> None:
        """Images are being decoded."""
        if time.monotonic() - self._wrote > WRITE_EVERY_S or done == total:
            self.report({"kind": "Preparing", "done": done, "total": total})

    def obey(self, trainer: Trainer) -> None:
        """Stop, pause or change the learning rate, if the owner wants that. Raises: Parked."""
        self._measure(trainer)
        if time.monotonic() - self._polled < POLL_EVERY_S:
            return
        command = self._poll()
        if command.command == PAUSE:
            command = self._wait(command)
            self._measured = time.monotonic(), trainer.seen
        if command.command == STOP:
            trainer.stop()
        if command.learning_rate is not None and command.learning_rate != self._rate:
            trainer.learning_rate = self._rate = command.learning_rate

    def _wait(self, command: RunCommand) -> RunCommand:
        self.report({"kind": "Paused", "away": command.away})
        self.flush()
        since = time.monotonic()
        while command.command == PAUSE:
            if command.away or time.monotonic() - since > HOLD_S:
                raise Parked
            time.sleep(POLL_EVERY_S)
            command = self._poll()
        self.report({"kind": "Resumed"})
        return command

    def _poll(self) -> RunCommand:
        self._polled = time.monotonic()
        return self.folder.read_command()

    def _measure(self, trainer: Trainer) -> None:
        """Now and then, report how fast it goes and how much memory it takes."""
        now, (since, seen) = time.monotonic(), self._measured
        if now - since < MEASURE_EVERY_S or self.meter is None:
            return
        self._measured = now, trainer.seen
        used, peak = self.meter.read()
        speed = max(0, trainer.seen - seen) / (now - since)
        usage = ResourceUsage(trainer.step, speed, used, peak)
        self.report({"kind": USAGE, **dataclasses.asdict(usage)})
