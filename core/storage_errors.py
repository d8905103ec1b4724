"""What a disk refuses, in one sentence that says what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import StorageError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
FORBIDDEN = (errno.EROFS, errno.EACCES, errno.EPERM)
GONE = (errno.ENOENT, errno.ENOTDIR, errno.ESTALE)
NOT_STORAGE = (ConnectionError, TimeoutError, BlockingIOError, InterruptedError, ChildProcessError, ProcessLookupError)


def is_storage_error(error: BaseException) -> bool:
    """Whether an error is about files, and not about a connection or a process, whose errors are OSErrors too."""
    return isinstance(error, OSError) and not isinstance(error, NOT_STORAGE)


def storage_sentence(error: OSError) -> str:
    """What is wrong with the server's disk and who can mend it. No path is in it: the sentence is for visitors.

    >>> storage_sentence(OSError(errno.EROFS, "Read-only file system", "/srv/cache/x"))
    'The server cannot write to its cache folder: whoever runs it has to make CNN_PLAYGROUND_CACHE a writable folder.'
    """
    if error.errno in FULL:
        return (
            "The server's disk is full: delete runs and uploads that you do not need, or ask whoever runs the server "
            "to free some space; then try again."
        )
    if error.errno in FORBIDDEN:
        return (
            "The server cannot write to its cache folder: whoever runs it has to make CNN_PLAYGROUND_CACHE a writable "
            "folder."
        )
    if error.errno in GONE:
        return "A file or folder of the server was removed in the meantime: try again, and it is made anew."
    reason = error.strerror or "no reason given"
    return f"The server's disk reports an error ({reason}): try again, and tell whoever runs the server if it stays."


@contextmanager
def storage_errors() -> Iterator[None]:
    """Inside, what the disk refuses is a StorageError with one sentence. Also a decorator."""
    try:
        yield
    except OSError as error:
        if not is_storage_error(error):
            raise
        raise StorageError(storage_sentence(error)) from error
