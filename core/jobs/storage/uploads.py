"""Uploaded archives on disk: `uploads/OWNER/UPLOAD` a folder each, with the archive and what it is called."""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO

from core.errors import DataError
from core.jobs.job_spec import Source, checked
from core.jobs.storage.run_folder import make_folder, write_json
from core.jobs.storage.run_store import NAME
from core.storage_errors import storage_errors

COPY_BYTES = 1 << 20
UPLOAD_DAYS = 7.0  # an upload that no run needs is kept for so long
HALF_DAYS = 1.0  # one that never came whole, because the server was killed meanwhile
ARCHIVE, ABOUT = "pictures.zip", "about.json"  # in an upload's folder
UNNAMED = "Uploaded images"  # what one is called of which `ABOUT` is damaged
DROPPED = "dropped"  # a note beside them: its owner will not start a run on it again


class Uploads:
    """All uploads under `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @storage_errors()
    def save(self, owner: str, title: str, file: BinaryIO, size_bytes: int, is_private: bool = False) -> Source:
        """Write an uploaded archive to a folder of its own, once and piece by piece.

        Raises: DataError if the disk has no room for it, StorageError if it refuses all the same; no half of it stays.
        """
        if not NAME.fullmatch(owner):
            raise DataError(f"{owner!r} is nobody's name here.")
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        free = shutil.disk_usage(self.root).free
        if size_bytes * 2 > free:
            raise DataError(f"{title} has {size_bytes:,} bytes and the server's disk {free:,} left: use a smaller zip.")
        folder = self.root / owner / secrets.token_urlsafe(9)
        source = Source(title, path=str(folder / ARCHIVE), is_upload=True, is_private=is_private)
        try:
            make_folder(folder)
            file.seek(0)
            with (folder / ARCHIVE).open("wb") as copy:
                shutil.copyfileobj(file, copy, COPY_BYTES)
            self.save_title(source)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return source

    @storage_errors()
    def save_title(self, source: Source) -> None:
        """Keep what an upload is called, and how it is read, beside it, so that its owner finds it again."""
        about = {"title": source.title, "is_private": source.is_private, "layout": source.layout}
        write_json(Path(source.path).parent / ABOUT, about)

    def exists(self, source: Source) -> bool:
        """Whether an uploaded archive is there and was not let go of."""
        path = Path(source.path)
        return path.exists() and not (path.parent / DROPPED).exists()

    def of(self, owner: str) -> tuple[Source, ...]:
        """What the owner has uploaded and not let go of, the oldest first."""
        sources = [source for folder in self._folders(owner) if (source := _read(folder))]
        return tuple(sorted(sources, key=lambda source: (_changed_ns(Path(source.path)), source.path)))

    def drop(self, source: Source) -> str | None:
        """Nobody will start a run on this upload again. Returns its owner; None if it is not ours to remove."""
        folder = Path(source.path).parent
        if source.is_upload and folder.is_relative_to(self.root) and folder.is_dir():
            (folder / DROPPED).touch()
            return folder.parent.name
        return None

    def tidy(self, owner: str, needed: Collection[str], unfinished: Collection[str]) -> None:
        """Remove the owner's uploads that were dropped or are old, as far as no run needs them.

        Args: paths of the archives of all runs, and of those that are `unfinished`; these need the archive, while to
        look at a finished run its decoded images are enough.
        """
        for folder in self._folders(owner):
            archive = folder / ARCHIVE
            days = (time.time_ns() - _changed_ns(archive)) / 86_400e9 if archive.exists() else 0.0
            is_half = not (folder / ABOUT).exists() and days > HALF_DAYS
            if not (is_half or days > UPLOAD_DAYS or (folder / DROPPED).exists()):
                continue
            if str(archive) not in needed:
                shutil.rmtree(folder, ignore_errors=True)
            elif str(archive) not in unfinished:
                with contextlib.suppress(OSError):
                    archive.unlink(missing_ok=True)

    def _folders(self, owner: str) -> Iterator[Path]:
        if NAME.fullmatch(owner):
            with contextlib.suppress(OSError):
                yield from (path for path in list((self.root / owner).iterdir()) if path.is_dir())


def _read(folder: Path) -> Source | None:
    """The upload that a folder holds; None if it was let go of or never came whole."""
    archive = folder / ARCHIVE
    if not archive.exists() or (folder / DROPPED).exists():
        return None
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        return checked(Source(path=str(archive), is_upload=True, **about))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, RecursionError):  # its owner can use it and remove it all the same
        return Source(UNNAMED, path=str(archive), is_upload=True, is_private=True)


def _changed_ns(path: Path) -> int:
    """When a file was last written, in nanoseconds since 1970; now if it is gone by now."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return time.time_ns()
