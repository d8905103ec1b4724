"""One run on disk. Whoever has the folder can watch the run, steer it, or go on with it."""

from __future__ import annotations

import contextlib
import json
import math
import shutil
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.datasets.cachedir import exclusively, half_prefix, replacing
from core.jobs.job_spec import JobSpec
from core.jobs.storage.event_log import EventLog

RUN, PAUSE, STOP = "run", "pause", "stop"  # the commands
SPEC, EVENTS, COMMAND = "order.json", "diary.jsonl", "wishes.json"  # as they were first called, so that runs stay
TRIES = 10  # to make a folder in one that may be removed meanwhile
CHECKPOINT, PREDICTIONS, SNAPSHOTS = "run.pt", "predictions.pt", "weight-snapshots"


@dataclass(frozen=True)
class RunCommand:
    """What the owner wants of a run. `away`: the pause is ours, because the owner was gone."""

    command: str = RUN
    learning_rate: float | None = None
    away: bool = False


@dataclass(frozen=True)
class RunFolder:
    """A run's folder and the names in it."""

    path: Path

    @property
    def checkpoint(self) -> Path:
        return self.path / CHECKPOINT

    @property
    def predictions(self) -> Path:
        return self.path / PREDICTIONS

    @property
    def weight_snapshots(self) -> Path:
        """The folder with the weights after some epochs; runs of earlier versions have none."""
        return self.path / SNAPSHOTS

    def evaluation(self, part: str) -> Path:
        """What the network predicts for a part of its data set, once that was asked for."""
        return self.path / f"judged-{part}.pt"

    @property
    def unlabelled(self) -> Path:
        """What the network predicts for images without a class, once that was asked for."""
        return self.path / "unlabelled.json"

    @property
    def event_log(self) -> EventLog:
        return EventLog(self.path / EVENTS)

    def create(self, spec: JobSpec) -> None:
        """Make the folder, for this account's eyes only, and put the specification into it.

        Raises: OSError if there is no room or no right to write; nothing of it stays.
        """
        try:
            make_folder(self.path)
            self.write_spec(spec)
        except OSError:
            shutil.rmtree(self.path, ignore_errors=True)
            raise

    def write_spec(self, spec: JobSpec) -> None:
        write_json(self.path / SPEC, spec.to_json())

    def read_spec(self) -> JobSpec | None:
        """What the run is to do; None if it is not there, is damaged, or was written by a newer version of the app."""
        try:
            return JobSpec.from_json(json.loads((self.path / SPEC).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None

    def write_command(self, command: RunCommand) -> None:
        write_json(self.path / COMMAND, vars(command))

    def read_command(self) -> RunCommand:
        """What the owner wants; to run on, if they never said or if that is damaged."""
        try:
            command = RunCommand(**json.loads((self.path / COMMAND).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, RecursionError):
            return RunCommand()
        rate = command.learning_rate
        is_rate = rate is None or (type(rate) in (int, float) and math.isfinite(rate) and rate > 0)
        return command if command.command in (RUN, PAUSE, STOP) and is_rate else RunCommand()

    def size_bytes(self) -> int:
        """What the run takes of the disk; 0 if it is gone by now."""
        with contextlib.suppress(OSError):
            return sum(path.stat().st_size for path in self.path.rglob("*") if path.is_file())
        return 0

    def remove_halves(self) -> None:
        """Remove what a process that was killed left half written. Only for whoever has the folder `locked`."""
        files = (self.checkpoint, self.path / f"{self.checkpoint.stem}-", self.predictions)
        halves = [half for file in files for half in self.path.glob(f"{half_prefix(file)}*")]
        for half in (*halves, *self.weight_snapshots.glob(".*")):
            with contextlib.suppress(OSError):
                half.unlink(missing_ok=True)

    def locked(self) -> AbstractContextManager[None]:
        """Inside, no other process trains this run. A process that dies lets go of it."""
        return exclusively(self.path / "work")


def make_folder(path: Path) -> None:
    """Make a folder for this account's eyes only, in one that is removed by others as long as it is empty.

    Raises: OSError.
    """
    for _ in range(TRIES - 1):
        with contextlib.suppress(FileNotFoundError):
            return path.mkdir(mode=0o700, parents=True)
    return path.mkdir(mode=0o700, parents=True)


def write_json(path: Path, values: dict[str, Any]) -> None:
    """Write JSON so that a reader sees the old values or the new ones, never half."""
    with replacing(path) as file:
        file.write(json.dumps(values).encode())
