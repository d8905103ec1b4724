"""One run on disk. Whoever has the folder can watch the run, steer it, or go on with it."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.datasets.cachedir import alone
from core.jobs.job_spec import Order
from core.jobs.storage import event_log as diary

RUN, PAUSE, STOP = "run", "pause", "stop"  # what an owner may wish
ORDER, DIARY, WISHES, CHECKPOINT, PREDICTIONS = "order.json", "diary.jsonl", "wishes.json", "run.pt", "predictions.pt"


@dataclass(frozen=True)
class Wishes:
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

    def create(self, order: Order) -> None:
        """Make the folder, for this account's eyes only, and put the order into it."""
        self.path.mkdir(mode=0o700, parents=True)
        self.rewrite(order)

    def rewrite(self, order: Order) -> None:
        """Replace the order."""
        write_whole(self.path / ORDER, order.to_json())

    def order(self) -> Order | None:
        """What the run was asked to do; None if it is not there, or was written by another version of the app."""
        try:
            return Order.from_json(json.loads((self.path / ORDER).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def say(self, *messages: dict) -> None:
        """Add to the diary."""
        diary.write(self.path / DIARY, messages)

    def reader(self) -> diary.Reader:
        """A reader at the beginning of the diary."""
        return diary.Reader(self.path / DIARY)

    def wish(self, wishes: Wishes) -> None:
        """Replace what the owner wants."""
        write_whole(self.path / WISHES, vars(wishes))

    def wishes(self) -> Wishes:
        """What the owner wants; to run on, if they never said."""
        try:
            return Wishes(**json.loads((self.path / WISHES).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return Wishes()

    def size_bytes(self) -> int:
        """What the run takes of the disk."""
        return sum(path.stat().st_size for path in self.path.rglob("*") if path.is_file())

    @contextlib.contextmanager
    def worked_on(self) -> Iterator[None]:
        """Inside, no other process trains this run. A process that dies lets go of it."""
        with alone(self.path / "work", lambda: None):
            yield


def write_whole(path: Path, values: dict[str, Any]) -> None:
    """Write JSON so that a reader sees the old values or the new ones, never half."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(values, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(name, path)


def over(said: Sequence[dict]) -> bool:
    """Whether these messages end a run."""
    return any(message["kind"] in ("Done", "Failed") for message in said)
