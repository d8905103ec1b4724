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
class QueueEntry:
    """An unfinished run in the queue of its device."""

    since_ns: int
    device: str
    owner: str
    run_id: str

    @property
    def file_name(self) -> str:
        return f"{self.since_ns:020d}~{self.device.replace(':', '+')}~{self.owner}~{self.run_id}"

    @classmethod
    def parse(cls, file_name: str) -> QueueEntry:
        """The inverse of `file_name`.

        >>> QueueEntry.parse(QueueEntry(5, "cuda:0", "somebody", "arun1234").file_name)
        QueueEntry(since_ns=5, device='cuda:0', owner='somebody', run_id='arun1234')
        """
        since, device, owner, run_id = file_name.split("~")
        return cls(int(since), device.replace("+", ":"), owner, run_id)


class RunStore:
    """Folders of runs, the queue, and when each owner was last seen."""

    def __init__(self, root: Path) -> None:
        self.root, self.runs, self._queue = root, root / "runs", root / "queue"
        self.uploads, self.decoded, self.lr_searches = root / "uploads", root / "decoded", root / "finders"
        for folder in (root, self.runs, self._queue, self.uploads, self.decoded, self.lr_searches):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        root.chmod(0o700)  # pictures and networks of others are nobody's business

    def folder(self, owner: str, run_id: str) -> RunFolder | None:
        """The run of that owner; None if they have none by that id."""
        if not (NAME.fullmatch(owner) and NAME.fullmatch(run_id)):
            return None
        path = self.runs / owner / run_id
        return RunFolder(path) if path.is_dir() else None

    def new_folder(self, owner: str, run_id: str) -> RunFolder:
        return RunFolder(self.runs / owner / run_id)

    def run_ids(self, owner: str) -> list[str]:
        if not NAME.fullmatch(owner) or not (self.runs / owner).is_dir():
            return []
        return [path.name for path in (self.runs / owner).iterdir() if path.is_dir()]

    def queue(self) -> list[QueueEntry]:
        """Unfinished runs, the longest waiting first."""
        return [QueueEntry.parse(name) for name in sorted(path.name for path in self._queue.iterdir())]

    def enqueue(self, device: str, owner: str, run_id: str) -> None:
        """Put a run at the end of the queue."""
        (self._queue / QueueEntry(time.time_ns(), device, owner, run_id).file_name).touch()

    def dequeue(self, run_id: str) -> None:
        """Take a run out of the queue, if it is there."""
        for path in self._queue.glob(f"*~{run_id}"):
            path.unlink(missing_ok=True)

    def touch_owner(self, owner: str, every: float) -> None:
        """Note that the owner is here, at most once in `every` seconds."""
        note = self.runs / owner / "seen"
        if note.parent.is_dir() and time.time() - self.last_seen(owner) > every:
            note.touch()

    def last_seen(self, owner: str) -> float:
        """When the owner was last here (seconds since 1970); 0 if never."""
        try:
            return (self.runs / owner / "seen").stat().st_mtime
        except OSError:
            return 0.0

    def remove(self, owner: str, run_id: str) -> None:
        self.dequeue(run_id)
        shutil.rmtree(self.runs / owner / run_id, ignore_errors=True)

    def owners(self) -> set[str]:
        """Everybody who has runs or uploads."""
        return {path.name for folder in (self.runs, self.uploads) for path in folder.iterdir()}

    def images_in_use(self, days: float) -> set[Path]:
        """Decoded images of unfinished runs, and of all runs whose owner was here in the last `days`."""
        unfinished = {entry.run_id for entry in self.queue()}
        recent = time.time() - days * 86_400
        files = set()
        for owner in self.owners():
            for run_id in self.run_ids(owner):
                folder = self.folder(owner, run_id)
                spec = folder.read_spec() if folder else None
                if spec and (run_id in unfinished or max(self.last_seen(owner), spec.created_at) > recent):
                    files.add(Path(spec.decoded))
        return files
