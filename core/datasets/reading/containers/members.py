"""What every container gives: its members by path, each with the way to its bytes."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from core.datasets.layout.listing import SourceContents, SourceFile
from core.datasets.reading.containers.limits import HEAD
from core.errors import PictureError
from core.images import BYTE_CAP, RefusedPicture


class Member(NamedTuple):
    """A file of a container: its `size` as the container says, and a `stamp` that changes with its content.

    `pieces()` are its bytes, piece by piece; whatever goes wrong may be raised, a PictureError says it to people.
    """

    size: int
    stamp: str
    pieces: Callable[[], Iterator[bytes]]

    def first(self, count: int) -> bytes:
        """Its first `count` bytes. Raises: what `pieces` does."""
        content = io.BytesIO()  # gives its bytes away without a copy
        left = count
        for piece in self.pieces():
            left -= content.write(piece[:left])
            if not left:
                break
        return content.getvalue()


@dataclass
class MemberTable:
    """The members of a container by path, while they are collected. See `SourceContents` for the fields."""

    members: dict[str, Member] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    left_out: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def contents(self, name: str) -> SourceContents:
        files = {path: _source_file(path, member) for path, member in self.members.items()}
        return SourceContents(name, files, tuple(sorted(self.folders)), tuple(self.notes), dict(self.left_out))

    def add(self, other: MemberTable, prefix: str) -> None:
        """Take in the members of a container that lies in this one; its name becomes a folder."""
        self.members |= {f"{prefix}/{path}": member for path, member in other.members.items()}
        self.folders |= {prefix} | {f"{prefix}/{path}" for path in other.folders}
        self.left_out |= {f"{prefix}/{path}": reason for path, reason in other.left_out.items()}
        self.notes += other.notes


def _source_file(path: str, member: Member) -> SourceFile:
    read, head = functools.partial(_read, path, member), functools.partial(head_of, member)
    return SourceFile(read, member.stamp, head, member.size)


def _read(path: str, member: Member) -> bytes:
    try:
        return member.first(BYTE_CAP + 1)
    except PictureError:
        raise
    except Exception as error:  # decompressors meet hostile bytes here and raise whatever they like
        message = f"{path} is damaged inside the archive: download or pack the archive again."
        raise RefusedPicture(message, "damaged in the archive") from error


def head_of(member: Member) -> bytes:
    """A member's first bytes; none if they cannot be read."""
    try:
        return member.first(HEAD)
    except Exception:  # as above; reading it whole says why
        return b""
