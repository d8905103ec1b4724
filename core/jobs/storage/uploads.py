"""Pictures for runs: uploaded archives in folders of their owners, and decoding in the worker."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from distributed import Future

from core.errors import DataError
from core.jobs.job_spec import Source
from core.jobs.processes.dispatch import Dispatch
from core.jobs.storage.run_folder import write_whole
from core.jobs.tracked_runs import Run
from core.jobs.worker import tasks

COPY_BYTES = 1 << 20
UPLOAD_DAYS = 7.0  # an upload that no run needs is kept for so long
ARCHIVE, ABOUT = "pictures.zip", "about.json"  # in an upload's folder
DROPPED = "dropped"  # a note beside them: its owner will not start a run on it again


def _upload_in(folder: Path) -> Source | None:
    """The upload that a folder holds; None if it was let go of or never came whole."""
    archive = folder / ARCHIVE
    if not archive.exists() or (folder / DROPPED).exists():
        return None
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        return Source(path=str(archive), is_upload=True, **about)
    except (OSError, ValueError, TypeError):
        return None


@dataclass
class Preparation:
    """Pictures that are being decoded: `done` of `total` so far."""

    future: Future
    done: int = 0
    total: int = 0


class Pictures:
    """Uploads on disk, and what is being decoded just now."""

    def __init__(self, root: Path, dispatch: Dispatch) -> None:
        self.root, self._dispatch = root, dispatch
        self._preparing: dict[Path, Preparation] = {}
        self._lock = threading.Lock()

    def keep_upload(self, owner: str, title: str, file: BinaryIO, size_bytes: int, is_private: bool = False) -> Source:
        """Write an uploaded archive to a folder of its own, once and piece by piece.

        Raises: DataError if the disk has no room for it.
        """
        free = shutil.disk_usage(self.root).free
        if size_bytes * 2 > free:
            raise DataError(f"{title} has {size_bytes:,} bytes and the server's disk {free:,} left: use a smaller zip.")
        folder = self._uploads(owner) / secrets.token_urlsafe(9)
        folder.mkdir(mode=0o700, parents=True)
        file.seek(0)
        with (folder / ARCHIVE).open("wb") as copy:
            shutil.copyfileobj(file, copy, COPY_BYTES)
        source = Source(title, path=str(folder / ARCHIVE), is_upload=True, is_private=is_private)
        self.name_upload(source)
        return source

    def name_upload(self, source: Source) -> None:
        """Keep what an upload is called beside it, so that its owner finds it again."""
        write_whole(Path(source.path).parent / ABOUT, {"title": source.title, "is_private": source.is_private})

    @staticmethod
    def has_upload(source: Source) -> bool:
        """Whether an uploaded archive is there and was not let go of."""
        path = Path(source.path)
        return path.exists() and not (path.parent / DROPPED).exists()

    def uploads(self, owner: str) -> tuple[Source, ...]:
        """What the owner has brought and not let go of, the oldest first."""
        folders = self._uploads(owner).iterdir() if self._uploads(owner).is_dir() else ()
        found = [(source, Path(source.path)) for folder in folders if (source := _upload_in(folder))]
        return tuple(source for source, path in sorted(found, key=lambda one: (one[1].stat().st_mtime_ns, one[1])))

    def _uploads(self, owner: str) -> Path:
        return self.root / "uploads" / re.sub(r"[^A-Za-z0-9_-]", "", owner)

    def drop_upload(self, source: Source) -> None:
        """Nobody will start a run on this upload again. Pictures that are not in our folder are not ours to remove."""
        folder = Path(source.path).parent
        if source.is_upload and folder.is_relative_to(self.root / "uploads") and folder.is_dir():
            (folder / DROPPED).touch()

    def tidy(self, owner: str, runs: Iterable[Run]) -> None:
        """Remove the owner's uploads that were dropped or are old, as far as no run needs them.

        An unfinished run needs the archive; to look at a finished one its decoded pictures are enough.
        """
        paths = {run.order.source.path for run in runs}
        unfinished = {run.order.source.path for run in runs if not run.is_over}
        folders = self._uploads(owner).iterdir() if self._uploads(owner).is_dir() else ()
        for folder in folders:
            archive = folder / ARCHIVE
            old = archive.exists() and time.time() - archive.stat().st_mtime > UPLOAD_DAYS * 86_400
            if not (old or (folder / DROPPED).exists()):
                continue
            if str(archive) not in paths:
                shutil.rmtree(folder, ignore_errors=True)
            elif str(archive) not in unfinished:
                archive.unlink(missing_ok=True)

    def file(self, source: Source, size: int) -> Path:
        """Where the decoded pictures are once they are prepared."""
        return source.prepared(self.root, size)

    def prepare(self, source: Source, size: int) -> Preparation:
        """Have the pictures decoded in the worker, once; the file is there when the future is done."""
        path = self.file(source, size)
        cluster = self._dispatch.cluster()
        with self._lock:
            found = self._preparing.get(path)
            if found is None or found.future.status in ("error", "cancelled", "lost"):
                found = self._preparing[path] = self._begin(cluster.client, source, size, path)
            return found

    def _begin(self, client, source: Source, size: int, path: Path) -> Preparation:
        topic = f"prepare-{secrets.token_hex(8)}"
        what = (topic, source.where, size, str(path), not source.is_private)
        preparation = Preparation(client.submit(tasks.prepare, *what, pure=False))

        def heard(event: tuple[float, list[dict]]) -> None:
            preparation.done, preparation.total = event[1][-1]["done"], event[1][-1]["total"]

        client.subscribe_topic(topic, heard)
        return preparation

    def preparation(self, source: Source, size: int) -> Preparation | None:
        """How far the pictures are; None if nobody has asked for them."""
        return self._preparing.get(self.file(source, size))

    def forget_preparations(self) -> None:
        """The cluster that did them is gone."""
        self._preparing.clear()
