"""What every container gives, and how much of it: files by path, and what was left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

ENTRY_CAP = 60_000
HEAD = 4096  # bytes of a file's beginning by which its kind is recognised


@dataclass(frozen=True)
class StoredFile:
    """A file of a container, and its `size` in bytes as the container says.

    `read()` gives its bytes, `BYTE_CAP` + 1 at most, or raises PictureError. `head()` gives the first `HEAD` of them,
    none if they cannot be read. `stamp` changes with them.
    """

    read: Callable[[], bytes]
    head: Callable[[], bytes]
    stamp: str
    size: int


@dataclass(frozen=True)
class Contents:
    """A folder or an archive, before anybody asks what it means.

    `files` by path, with `/` between its parts and none that is empty, `.` or `..`. `folders`: all of them, those
    without a file too. `left_out`: paths that are not among the files, and why in a few words. `notes`: sentences on
    what was assumed (the encoding of names) or passed over.
    """

    name: str
    files: Mapping[str, StoredFile]
    folders: frozenset[str] = frozenset()
    left_out: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
