"""How many runs are in which state, of all owners and all servers that share a folder. Nothing on disk is changed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from core.jobs.run_state import ENDED, FAILED, OVER, PAUSED, PREPARING, RUNNING, WAITING
from core.jobs.storage.event_log import EventRecord, last_batches
from core.jobs.storage.run_folder import RunFolder
from core.jobs.storage.run_store import NAME, RunStore

STATES = (WAITING, PREPARING, RUNNING, PAUSED, ENDED, FAILED)
_AFTER = {  # kinds of events that change the state; every other event of training means that the run is running
    "Placed": None,
    "Vitals": None,
    "CheckpointDamaged": None,
    "Preparing": PREPARING,
    "Paused": PAUSED,
    "Parked": PAUSED,
    "Called": WAITING,
    "Failed": FAILED,
    "Done": ENDED,
}


class RunCounts:
    """Counts the runs of a store. Those that are over are read once."""

    def __init__(self, store: RunStore) -> None:
        self._store = store
        self._over: dict[Path, str] = {}

    def by_state(self) -> Mapping[str, int]:
        """State -> number of runs; every state is there.

        Raises: OSError if the folder cannot be read.
        """
        folders = list(self._folders())
        self._over = {path: state for path, state in self._over.items() if path in set(folders)}
        counts = Counter(dict.fromkeys(STATES, 0))
        for path in folders:
            state = self._over.get(path) or state_of(path)
            if state in OVER:
                self._over[path] = state
            counts[state] += 1
        return dict(counts)

    def unfinished(self, until: float) -> list[Path]:
        """Folders of runs that wait for a process or are with one, as their event logs end, and that were not written
        to since `until` (seconds since 1970). Raises: OSError if the folder cannot be read."""
        states = {path: self._over.get(path) or state_of(path) for path in self._folders()}
        self._over = {path: state for path, state in states.items() if state in OVER}
        active = (path for path, state in states.items() if state in (WAITING, PREPARING, RUNNING))
        return [path for path in active if last_written(path) < until]

    def queue_lengths(self) -> Mapping[str, int]:
        """Device -> number of unfinished runs in its queue, the one being computed included."""
        return dict(Counter(entry.device for entry in self._store.queue()))

    def _folders(self) -> Iterator[Path]:
        for owner in self._store.runs.iterdir():
            if owner.is_dir():
                yield from (path for path in owner.iterdir() if path.is_dir() and NAME.fullmatch(path.name))


def last_written(folder: Path) -> float:
    """When a run last wrote (seconds since 1970); infinite if it is gone by now."""
    run = RunFolder(folder)
    try:
        return max(path.stat().st_mtime for path in (folder, run.event_log.path) if path.exists())
    except (OSError, ValueError):
        return math.inf


def state_of(folder: Path) -> str:
    """The state of the run in a folder, by the end of its event log; waiting where that says nothing yet."""
    state = WAITING
    for batch in last_batches(RunFolder(folder).event_log.path):
        for event in batch.events:
            state = _next_state(state, event)
    return state


def _next_state(state: str, event: EventRecord) -> str:
    return state if state in OVER else _AFTER.get(event["kind"], RUNNING) or state
