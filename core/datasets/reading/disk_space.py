"""Disk space that is checked and taken before it is written through a mapping: running out there ends a process."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from pathlib import Path

ROOM = 500_000_000  # bytes of disk that stay free
UNSUPPORTED = (errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL, errno.ENOSYS)


def has_room(folder: Path, size: int) -> bool:
    """Whether `size` bytes more leave the disk of a folder some room. Raises: OSError if there is no such folder."""
    return shutil.disk_usage(folder).free >= size + ROOM


def reserve(path: Path, size: int) -> None:
    """Make the file `size` bytes long and take the disk space for it, where the file system can.

    Raises: OSError if there is not so much.
    """
    with path.open("r+b" if path.exists() else "wb") as file:
        if not hasattr(os, "posix_fallocate"):
            file.truncate(size)
            return
        with contextlib.suppress(OSError):
            file.truncate(size)
        try:
            os.posix_fallocate(file.fileno(), 0, size)
        except OSError as error:
            if error.errno not in UNSUPPORTED:
                raise
