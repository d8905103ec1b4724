"""The one folder in which all users of a machine share downloads and decoded pictures."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import DataError

PATIENCE = 0.1  # seconds between two looks while somebody else is at work


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
def alone(path: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Nobody else, in this process or another, is at work on `path`; a lock ends with the process that holds it.

    `waiting()` is called again and again until it is our turn, and may raise to give up.
    """
    lock = FileLock(f"{path}.lock", thread_local=False, is_singleton=False)
    while True:
        try:
            lock.acquire(timeout=0)
            break
        except Timeout:
            waiting()
            time.sleep(PATIENCE)
    try:
        yield
    finally:
        lock.release()
