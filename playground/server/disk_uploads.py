"""Uploads stay on disk: Streamlit would read each one whole into memory, and keep it as long as the page shows it.

A file that the server has put aside in a temporary file without a name, as it does with any above 1 MB, is not read
into memory but held open; what a page gets reads from there. Source: `_upload_put` in
streamlit/web/server/starlette/starlette_routes.py; `UploadedFile` in streamlit/runtime/uploaded_file_manager.py.
"""

from __future__ import annotations

import functools
import io
import os
import weakref
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.datastructures import UploadFile
from streamlit import config
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFile, UploadedFileRec

from core.limits import limits

OPEN_FILES = Path("/proc/self/fd")  # of Linux


class FileBytes:
    """The content of an open file, of which only the length is known here; it is closed with the object."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = os.dup(descriptor)
        weakref.finalize(self, os.close, self.descriptor)
        self._size = os.fstat(self.descriptor).st_size

    def __len__(self) -> int:
        return self._size


class _FileReader(io.RawIOBase):
    """Reads a `FileBytes` from a position of its own: several may read one file."""

    def __init__(self, content: FileBytes) -> None:
        self._content, self._at = content, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        read = os.preadv(self._content.descriptor, [buffer], self._at)
        self._at += read
        return read

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: len(self._content)}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at


def files_of(key: str) -> list[UploadedFile]:
    """The files of an uploader or a camera, from the session's state, without those that this server does not have.

    A browser goes on naming what it sent to a server that another one has replaced since.
    """
    value = st.session_state.get(key)
    files = value if isinstance(value, list) else [value]
    return [file for file in files if file is not None and not isinstance(file, DeletedFile)]


def path_of(file: UploadedFile) -> Path | None:
    """Where an uploaded file can be opened once more and mapped, though it has no name; None for one in memory."""
    if not isinstance(file, DiskUploadedFile):
        return None
    path = OPEN_FILES / str(file.descriptor)
    return path if path.exists() else None


class DiskUploadedFile(UploadedFile):
    """An uploaded file as Streamlit gives it, read from the disk. `getvalue` alone reads it whole."""

    def __init__(self, record: UploadedFileRec, file_urls: FileURLs) -> None:
        super().__init__(record._replace(data=b""), file_urls)
        self._record, self.size = record, len(record.data)
        self._reader = io.BufferedReader(_FileReader(record.data))

    @property
    def descriptor(self) -> int:
        """That of the open file, which is open as long as this object is there."""
        return self._record.data.descriptor

    def __deepcopy__(self, memo: dict[int, Any]) -> DiskUploadedFile:
        """Another reader of the same file, from where this one is."""
        copy = DiskUploadedFile(self._record, self._file_urls)
        copy.seek(self.tell())
        return copy

    def read(self, size: int | None = -1) -> bytes:
        return self._reader.read(size)

    def read1(self, size: int | None = -1) -> bytes:
        return self._reader.read1(-1 if size is None else size)

    def readinto(self, buffer: Any) -> int:
        return self._reader.readinto(buffer)

    def readline(self, size: int | None = -1) -> bytes:
        return self._reader.readline(-1 if size is None else size)

    def readlines(self, hint: int | None = -1) -> list[bytes]:
        return self._reader.readlines(-1 if hint is None else hint)

    def __next__(self) -> bytes:
        return next(self._reader)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._reader.seek(offset, whence)

    def tell(self) -> int:
        return self._reader.tell()

    def getvalue(self) -> bytes:
        at = self.tell()
        self.seek(0)
        value = self.read()
        self.seek(at)
        return value

    def getbuffer(self) -> memoryview:
        return memoryview(self.getvalue())


@functools.cache
def keep_on_disk() -> None:
    """From now on, for all uploads of this server, none of which may be larger than `Limits.upload_bytes`."""
    bound_size()
    config.on_config_parsed(bound_size, force_connect=True)  # it is read anew whenever its file is changed
    if hasattr(os, "preadv"):  # not on Windows
        UploadFile.read = _read
        UploadedFile.__new__ = staticmethod(_new)


def bound_size() -> None:
    """Have Streamlit refuse what is larger than `Limits.upload_bytes`, or than its own configuration says."""
    megabytes = min(config.get_option("server.maxUploadSize"), max(1, limits().upload_bytes // 1_000_000))
    config.set_option("server.maxUploadSize", megabytes)


_read_whole = UploadFile.read


async def _read(upload: UploadFile, size: int = -1) -> bytes | FileBytes:
    """What Streamlit reads of an upload: all of it."""
    if size == -1 and getattr(upload.file, "_rolled", False):  # is in a file by now
        upload.file.flush()
        return FileBytes(upload.file.fileno())
    return await _read_whole(upload, size)


def _new(kind: type[UploadedFile], record: UploadedFileRec | None = None, *urls: FileURLs) -> UploadedFile:
    """An instance to be initialized with the same arguments, or, when a file in memory is copied, with a state."""
    is_on_disk = record is not None and isinstance(record.data, FileBytes)
    return io.BytesIO.__new__(DiskUploadedFile if is_on_disk else kind)
