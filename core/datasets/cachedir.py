"""The one folder in which all users of a machine share downloads and decoded images; locks, and files written whole."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock, Timeout

from core.errors import DataError

DIGESTED = 1 << 20  # bytes at once
RETRY_S = 0.1  # between two tries while somebody else holds the lock


def cache_folder(part: str) -> Path:
    """A part of the cache, made if needed: under `CNN_PLAYGROUND_CACHE`, or ~/.cache/cnn-playground.

    Raises: DataError if it cannot be made.
    """
    root = os.environ.get("CNN_PLAYGROUND_CACHE") or Path.home() / ".cache" / "cnn-playground"
    folder = Path(root, part)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"The cache folder {folder} cannot be created: set another in the variable CNN_PLAYGROUND_CACHE."
        raise DataError(message) from error
    return folder


@contextmanager
def exclusively(path: Path, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Inside, nobody else, in this process or another, holds `path`; a lock ends with the process that holds it.

    `on_wait()` is called again and again until the lock is free, and may raise to give up.
    """
    lock = FileLock(f"{path}.lock", thread_local=False, is_singleton=False)
    while True:
        try:
            lock.acquire(timeout=0)
            break
        except Timeout:
            on_wait()
            time.sleep(RETRY_S)
    try:
        yield
    finally:
        lock.release()


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of the one at `path` when it is complete and on the disk, or never.

    Raises: OSError if there is no room or no right to write; what was there before is still there, and nothing else.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=half_prefix(path))
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def replace_verified(path: Path, content: bytes | memoryview) -> None:
    """Put `content` in the place of the file at `path` once it is on the disk and reads as it was written.

    Raises: OSError as `replacing`, and if it reads otherwise.
    """
    with replacing(path) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        if hasattr(os, "posix_fadvise"):  # what is read then comes from the disk, not from memory
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        file.seek(0)
        if _digest(file) != hashlib.sha256(content).digest():
            raise OSError(errno.EIO, f"{path.name} does not read as it was written")


def _digest(file: BinaryIO) -> bytes:
    """SHA-256 of a file from where it stands."""
    digest = hashlib.sha256()
    while piece := file.read(DIGESTED):
        digest.update(piece)
    return digest.digest()


def half_prefix(path: Path) -> str:
    """How the name of a file begins that `replacing` has not finished."""
    return f".{path.name}"
