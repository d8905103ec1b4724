"""All runs of a server on disk: `runs/OWNER/RUN` a folder each, and `queue` with a name for each unfinished one.

A run is found by its owner and its id together, so that nobody finds another's. The queue's names sort by time.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import stat
import time
from dataclasses import dataclass
from pathlib import Path

from core.jobs.storage.run_folder import RunFolder

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")  # of an owner or a run: anything else in a link is nobody's


def has_runs(root: Path, owner: str) -> bool:
    """Whether a store in that folder holds runs of an owner, or has held some; nothing is opened for it."""
    return NAME.fullmatch(owner) is not None and (root / "runs" / owner).is_dir()


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
        """The inverse of `file_name`. Raises: ValueError if that is the name of something else.

        >>> QueueEntry.parse(QueueEntry(5, "cuda:0", "somebody", "arun1234").file_name)
        QueueEntry(since_ns=5, device='cuda:0', owner='somebody', run_id='arun1234')
        """
        since, device, owner, run_id = file_name.split("~")
        if not (NAME.fullmatch(owner) and NAME.fullmatch(run_id)):
            raise ValueError(f"{file_name} names no run")
        return cls(int(since), device.replace("+", ":"), owner, run_id)


class RunStore:
    """Folders of runs, the queue, and when each owner was last seen. What lies among them and is not ours is skipped.

    Raises: OSError if they cannot be made.
    """

    def __init__(self, root: Path) -> None:
        self.root, self.runs, self._queue = root, root / "runs", root / "queue"
        self.uploads, self.decoded, self.lr_searches = root / "uploads", root / "decoded", root / "finders"
        self.make_folders()

    def make_folders(self) -> None:
        """Make what is not there, or not any more. Raises: OSError if that is impossible."""
        for folder in (self.root, self.runs, self._queue, self.uploads, self.decoded, self.lr_searches):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if stat.S_IMODE(self.root.stat().st_mode) & 0o077:
            self.root.chmod(0o700)  # pictures and networks of others are nobody's business

    def folder(self, owner: str, run_id: str) -> RunFolder | None:
        """The run of that owner; None if they have none by that id."""
        if not (NAME.fullmatch(owner) and NAME.fullmatch(run_id)):
            return None
        path = self.runs / owner / run_id
        return RunFolder(path) if path.is_dir() else None

    def new_folder(self, owner: str, run_id: str) -> RunFolder:
        """Where a run is to lie."""
        return RunFolder(self.runs / owner / run_id)

    def run_ids(self, owner: str) -> list[str]:
        if not NAME.fullmatch(owner):
            return []
        return [path.name for path in _folders(self.runs / owner)]

    def queue(self) -> list[QueueEntry]:
        """Unfinished runs, the longest waiting first."""
        entries = []
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            for name in sorted(path.name for path in self._queue.iterdir()):
                with contextlib.suppress(ValueError):  # a file of somebody else
                    entries.append(QueueEntry.parse(name))
        return entries

    def enqueue(self, device: str, owner: str, run_id: str) -> None:
        """Put a run at the end of the queue, also if the clock was put back. Raises: OSError if it cannot be kept."""
        last = max((entry.since_ns for entry in self.queue()), default=0)
        entry = QueueEntry(max(time.time_ns(), last + 1), device, owner, run_id)
        (self._queue / entry.file_name).touch()

    def dequeue(self, run_id: str) -> None:
        """Take a run out of the queue, if it is there."""
        for path in self._queue.glob(f"*~{run_id}"):
            with contextlib.suppress(FileNotFoundError, IsADirectoryError, PermissionError):
                path.unlink()

    def touch_owner(self, owner: str, every: float) -> None:
        """Note that the owner is here, at most once in `every` seconds; where nothing can be written, not at all."""
        note = self.runs / owner / "seen"
        if note.parent.is_dir() and abs(time.time() - self.last_seen(owner)) > every:  # the clock may be put back
            with contextlib.suppress(OSError):
                note.touch()

    def last_seen(self, owner: str) -> float:
        """When the owner was last here (seconds since 1970); 0 if never."""
        try:
            return (self.runs / owner / "seen").stat().st_mtime
        except OSError:
            return 0.0

    def days_away(self, owner: str) -> float:
        """Days since the owner's last visit, or since something of theirs was written; 0 if nobody can tell."""
        if not NAME.fullmatch(owner):
            return 0.0
        folders = _folders(self.runs / owner) + _folders(self.uploads / owner)
        times = [self.last_seen(owner)]
        for folder in folders:
            with contextlib.suppress(OSError):
                times.append(folder.stat().st_mtime)
        return max(0.0, time.time() - max(times)) / 86_400 if max(times) else 0.0

    def remove_empty(self, owner: str) -> None:
        """Remove the folders of an owner who has nothing any more, and when they were last seen."""
        if not NAME.fullmatch(owner):
            return
        if not _folders(self.runs / owner):
            with contextlib.suppress(OSError):
                (self.runs / owner / "seen").unlink(missing_ok=True)
                (self.runs / owner).rmdir()
        with contextlib.suppress(OSError):
            (self.uploads / owner).rmdir()

    def remove(self, owner: str, run_id: str) -> None:
        self.dequeue(run_id)
        shutil.rmtree(self.runs / owner / run_id, ignore_errors=True)

    def owners(self) -> set[str]:
        """Everybody who has runs or uploads."""
        names = (path.name for folder in (self.runs, self.uploads) for path in _folders(folder))
        return {name for name in names if NAME.fullmatch(name)}

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


def _folders(path: Path) -> list[Path]:
    """The folders in a folder; none if that is not there."""
    try:
        return [inner for inner in path.iterdir() if inner.is_dir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
