"""A run's events on disk, a line a batch: appended by the process that trains, read by whoever watches.

Every read opens the file anew and every batch is written and closed, which is what makes network file systems show it
at once. A line that a dying process left half is skipped.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TAIL_BYTES = 1 << 14
EventRecord = dict[str, Any]  # its "kind", and plain values


@dataclass(frozen=True)
class EventBatch:
    """Events in the order in which they happened, and when they were written (seconds since 1970)."""

    at: float
    events: tuple[EventRecord, ...]


@dataclass(frozen=True)
class EventLog:
    """The file; it comes into being with the first event."""

    path: Path

    def append(self, *events: EventRecord) -> None:
        """Add a batch. The line break in front of it ends what may have been left half.

        Raises: FileNotFoundError if the folder is gone, another OSError if there is no room or no right to write.
        """
        line = json.dumps({"at": time.time(), "said": events}, separators=(",", ":"))
        with self.path.open("ab") as file:
            file.write(f"\n{line}\n".encode())

    def reader(self) -> EventLogReader:
        return EventLogReader(self.path)


class EventLogReader:
    """Reads an event log once from its beginning, and from then on what is new."""

    def __init__(self, path: Path) -> None:
        self.path, self._offset = path, 0

    def new(self) -> Iterator[EventBatch]:
        """The batches that were written since the last call; none if there is no file."""
        try:
            with self.path.open("rb") as file:
                file.seek(self._offset)
                text = file.read()
        except (FileNotFoundError, IsADirectoryError):
            return
        whole = text[: text.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.splitlines():
            if (batch := _parsed(line)) is not None:
                yield batch


def _parsed(line: bytes) -> EventBatch | None:
    try:
        values = json.loads(line)
        events = tuple(event for event in values["said"] if isinstance(event, dict) and "kind" in event)
        return EventBatch(float(values["at"]), events)
    except (ValueError, KeyError, TypeError, RecursionError):  # damaged, half a line, or the empty one before each
        return None


def last_batches(path: Path) -> list[EventBatch]:
    """The batches at the end of an event log, at least one of them if there is any; the file is not read whole."""
    try:
        with path.open("rb") as file:
            size, length = file.seek(0, os.SEEK_END), TAIL_BYTES
            while True:
                file.seek(max(0, size - length))
                batches = [batch for line in file.read().splitlines() if (batch := _parsed(line)) is not None]
                if batches or length >= size:
                    return batches
                length *= 16
    except (FileNotFoundError, IsADirectoryError):
        return []


def ends_run(events: tuple[EventRecord, ...]) -> bool:
    return any(event["kind"] in ("Done", "Failed") for event in events)
