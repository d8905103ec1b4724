"""Bytes at any place of a file, for several threads at once; and a temporary file for what must be unpacked."""

from __future__ import annotations

import os
import tempfile
import threading
import weakref
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from core.datasets.reading.disk_space import has_room
from core.errors import DataError

PIECE = 1 << 18  # bytes read at a time


class ByteSource:
    """A file, or a part of one, read at any place. A path is opened here and closed with the object."""

    def __init__(self, file: Path | BinaryIO) -> None:
        if isinstance(file, Path):
            self._file: BinaryIO = file.open("rb")
            weakref.finalize(self, self._file.close)
        else:
            self._file = file
        self._lock = threading.Lock()
        self._start = 0
        self._owner: ByteSource | None = None
        self.size = self._file.seek(0, os.SEEK_END)

    def section(self, start: int, size: int) -> ByteSource:
        """The part of `size` bytes from `start`, sharing the open file."""
        part = ByteSource.__new__(ByteSource)
        part._file, part._lock, part._owner = self._file, self._lock, self
        part._start, part.size = self._start + start, size
        return part

    def read(self, start: int, count: int) -> bytes:
        """Up to `count` bytes from `start`; fewer at the end, none before the beginning."""
        count = min(count, self.size - start)
        if start < 0 or count <= 0:
            return b""
        with self._lock:
            self._file.seek(self._start + start)
            return self._file.read(count)

    def append(self, piece: bytes) -> None:
        """Write at the end. Raises: DataError if the disk has no room for it."""
        try:
            if self.size // PIECE % 64 == 0 and not has_room(Path(tempfile.gettempdir()), PIECE):
                raise _disk_full()
            with self._lock:
                self._file.seek(self.size)
                self.size += self._file.write(piece)
        except OSError as error:
            raise _disk_full() from error

    def pieces(self, start: int, count: int) -> Iterator[bytes]:
        """The `count` bytes from `start`, in pieces; they end where the file does."""
        end = start + count
        while start < end and (piece := self.read(start, min(PIECE, end - start))):
            start += len(piece)
            yield piece


class Spool:
    """A temporary file without a name that things are unpacked into, one behind the other.

    It is on disk as soon as anything is in it, and gone when neither it nor anything in it is used any more.
    """

    def __init__(self) -> None:
        self._whole: ByteSource | None = None

    @property
    def used(self) -> bool:
        return self._whole is not None

    def add(self, pieces: Iterable[bytes]) -> ByteSource:
        """Write all pieces, and return where they can be read again.

        Raises: DataError if the disk has no room for them; whatever the pieces raise.
        """
        if self._whole is None:
            self._whole = _temporary_file()
        start = self._whole.size
        for piece in pieces:
            self._whole.append(piece)
        return self._whole.section(start, self._whole.size - start)


def _temporary_file() -> ByteSource:
    try:
        file = tempfile.TemporaryFile(prefix="cnn-unpacked-")  # noqa: SIM115 (stays open)
    except OSError as error:
        raise _disk_full() from error
    source = ByteSource(file)
    weakref.finalize(source, file.close)
    return source


def _disk_full() -> DataError:
    return DataError("There is not enough room on the disk to unpack this archive: free some, or use a plain ZIP.")
