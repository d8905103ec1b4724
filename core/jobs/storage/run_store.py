"""All runs of a server on disk: `runs/OWNER/RUN` a folder each, and `queue` with a name for each unfinished one.

A run is found by its owner and its id together, so that nobody finds another's. The queue's names sort by time.
"""

from __future__ import annotations

import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from core.jobs.storage.run_folder import RunFolder

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")  # of an owner or a run: anything else in a link is nobody's


@dataclass(frozen=True)
class Turn:
    """A place in the queue of one device."""

    since_ns: int
    device: str
    owner: str
    run_id: str

    @property
    def name(self) -> str:
        return f"{self.since_ns:020d}~{self.device.replace(':', '+')}~{self.owner}~{self.run_id}"

    @classmethod
    def read(cls, name: str) -> Turn:
        """The inverse of `name`.

        >>> Turn.read(Turn(5, "cuda:0", "somebody", "arun1234").name)
        Turn(since_ns=5, device='cuda:0', owner='somebody', run_id='arun1234')
        """
        since, device, owner, run_id = name.split("~")
        return cls(int(since), device.replace("+", ":"), owner, run_id)


class Shelf:
    """Folders of runs, the queue, and when each owner was last seen."""

    def __init__(self, root: Path) -> None:
        self.root, self.runs, self.line = root, root / "runs", root / "queue"
        for folder in (root, self.runs, self.line, root / "uploads", root / "decoded", root / "finders"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        root.chmod(0o700)  # pictures and networks of others are nobody's business

    def folder(self, owner: str, run_id: str) -> RunFolder | None:
        """The run of that owner; None if they have none by that id."""
        if not (NAME.fullmatch(owner) and NAME.fullmatch(run_id)):
            return None
        path = self.runs / owner / run_id
        return RunFolder(path) if path.is_dir() else None

    def new_folder(self, owner: str, run_id: str) -> RunFolder:
        """Where a new run is to be."""
        return RunFolder(self.runs / owner / run_id)

    def of_owner(self, owner: str) -> list[str]:
        """The ids of that owner's runs."""
        if not NAME.fullmatch(owner) or not (self.runs / owner).is_dir():
            return []
        return [path.name for path in (self.runs / owner).iterdir() if path.is_dir()]

    def queue(self) -> list[Turn]:
        """Unfinished runs, the longest waiting first."""
        return [Turn.read(name) for name in sorted(path.name for path in self.line.iterdir())]

    def enqueue(self, device: str, owner: str, run_id: str) -> None:
        """Put a run at the end of the queue."""
        (self.line / Turn(time.time_ns(), device, owner, run_id).name).touch()

    def dequeue(self, run_id: str) -> None:
        """Take a run out of the queue, if it is there."""
        for path in self.line.glob(f"*~{run_id}"):
            path.unlink(missing_ok=True)

    def see(self, owner: str, every: float) -> None:
        """Note that the owner is here, at most once in `every` seconds."""
        note = self.runs / owner / "seen"
        if note.parent.is_dir() and time.time() - self.seen(owner) > every:
            note.touch()

    def seen(self, owner: str) -> float:
        """When the owner was last here (seconds since 1970); 0 if never."""
        try:
            return (self.runs / owner / "seen").stat().st_mtime
        except OSError:
            return 0.0

    def remove(self, owner: str, run_id: str) -> None:
        """Forget a run and all it wrote."""
        self.dequeue(run_id)
        shutil.rmtree(self.runs / owner / run_id, ignore_errors=True)

    def owners(self) -> set[str]:
        """Everybody who has runs or uploads."""
        return {path.name for folder in (self.runs, self.root / "uploads") for path in folder.iterdir()}
