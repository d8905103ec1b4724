"""Tar archives, plain or compressed, read in one pass. A hard link is the file that it repeats; others are left out.

Each header is a block of 512 bytes. Source: POSIX.1-2017, pax; GNU tar's manual for long names and large numbers.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from core.datasets.reading.containers.byte_source import ByteSource, Spool
from core.datasets.reading.containers.limits import UnpackingBudget
from core.datasets.reading.containers.members import Member, MemberTable
from core.datasets.reading.containers.names.encodings import decoded_names
from core.datasets.reading.containers.names.paths import safe_path
from core.errors import DataError

BLOCK = 512
LONG_NAME_CAP = 1 << 16  # bytes of a name, or of the notes about one file
FILES, FOLDER, HARD_LINK, LINKS = (b"0", b"\0", b"7"), b"5", b"1", (b"1", b"2")
LONG_NAME, LONG_LINK, NOTES, NOTES_FOR_ALL = b"L", b"K", b"x", b"g"
POSITIVE = bytes(range(128))  # as signed bytes


class PieceReader:
    """Pieces of an unpacked stream, read like a file from front to back."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def take(self, count: int) -> Iterator[bytes]:
        """The next `count` bytes in pieces; fewer if it ends."""
        while count:
            piece = self._rest or next(self._pieces, b"")
            if not piece:
                return
            self._rest = piece[count:]
            count -= min(count, len(piece))
            yield piece[: len(piece) - len(self._rest)]

    def read(self, count: int) -> bytes:
        return b"".join(self.take(count))


class TarInput(Protocol):
    """Where a tar is read from: headers by `read`, the content of a file by `store`, which says where it is then.

    `skip` passes over what is not needed, and returns how much of it there was.
    """

    def read(self, count: int) -> bytes: ...
    def store(self, size: int) -> ByteSource: ...
    def skip(self, size: int) -> int: ...


@dataclass
class PlainTar:
    """A tar that is not compressed: contents stay where they are."""

    source: ByteSource
    at: int = 0

    def read(self, count: int) -> bytes:
        data = self.source.read(self.at, count)
        self.at += count
        return data

    def store(self, size: int) -> ByteSource:
        part = self.source.section(self.at, max(0, min(size, self.source.size - self.at)))
        self.at += size
        return part

    def skip(self, size: int) -> int:
        return self.store(size).size


@dataclass
class PackedTar:
    """A compressed one: contents are unpacked once into `spool`, each counted on `budget`."""

    reader: PieceReader
    spool: Spool

    def read(self, count: int) -> bytes:
        return self.reader.read(count)

    def store(self, size: int) -> ByteSource:
        return self.spool.add(self.reader.take(size))

    def skip(self, size: int) -> int:
        return sum(len(piece) for piece in self.reader.take(size))


@dataclass
class _Header:
    """What stands before the content of a member, notes and long name included."""

    name: bytes
    size: int
    kind: bytes
    mtime: int
    target: bytes = b""
    is_sparse: bool = False

    @property
    def is_folder(self) -> bool:
        return self.kind == FOLDER or (self.kind in FILES and self.name.endswith(b"/"))

    @property
    def is_file(self) -> bool:
        return self.kind in FILES and not self.is_folder and not self.is_sparse


@dataclass
class _Pending:
    """What earlier blocks say about the next member."""

    name: bytes | None = None
    target: bytes | None = None
    notes: dict[bytes, bytes] = field(default_factory=dict)


def is_tar(head: bytes) -> bool:
    """Whether bytes begin with the header of a tar: its checksum fits."""
    return len(head) >= BLOCK and head[0] != 0 and _is_header(head[:BLOCK])


def read_tar(tar: TarInput, budget: UnpackingBudget, packed_bytes: int) -> MemberTable:
    """The members of a tar; `packed_bytes` is the size of the whole archive.

    Raises: DataError if it is damaged, ends too early or passes `budget`; what its decompressor raises.
    """
    budget.add_bytes(0, packed_bytes)
    table, files, names = MemberTable(), [], []
    for header, content in _members(tar, budget):
        names += [header.name, header.target]
        files.append((header, content))
    decoded, table.notes = decoded_names(names)
    for name, target, (header, content) in zip(decoded[::2], decoded[1::2], files, strict=True):
        _add(table, name, header, content, target)
    return table


def _add(table: MemberTable, name: str, header: _Header, content: ByteSource | None, target: str) -> None:
    path = safe_path(name.partition("\0")[0])
    repeated = table.members.get(safe_path(target) or "") if header.kind == HARD_LINK else None
    if path is None:
        if name.strip("./"):
            table.left_out[name] = "a path out of the archive"
    elif header.is_folder:
        table.folders.add(path)
    elif repeated is not None:
        table.members[path] = repeated
    elif content is None:
        table.left_out[path] = "a link" if header.kind in LINKS else "a special file of the archive"
    else:
        pieces = functools.partial(content.pieces, 0, content.size)
        table.members[path] = Member(content.size, f"{content.size} {header.mtime}", pieces)


def _members(tar: TarInput, budget: UnpackingBudget) -> Iterator[tuple[_Header, ByteSource | None]]:
    """Each member with its content, None for what is no file."""
    pending, entries = _Pending(), 0
    while header := _next_header(tar, entries):
        entries += 1
        budget.add_entries(1)
        if header.kind in (LONG_NAME, LONG_LINK, NOTES, NOTES_FOR_ALL):
            budget.add_directory(min(header.size, LONG_NAME_CAP))
            _take_notes(header, tar.read(min(header.size, LONG_NAME_CAP)), pending)
            tar.skip(max(0, header.size - LONG_NAME_CAP) + -header.size % BLOCK)
            continue
        _complete(header, pending)
        pending = _Pending()
        budget.add_directory(len(header.name) + len(header.target))
        budget.add_bytes(header.size, 0)
        content = tar.store(header.size) if header.is_file else None
        length = tar.skip(header.size) if content is None else content.size
        if length < header.size or tar.skip(padding := -header.size % BLOCK) < padding:
            raise _incomplete()
        yield header, content


def _next_header(tar: TarInput, entries: int) -> _Header | None:
    """The next header; None at the end, which two blocks of zeros mark and some archives leave out."""
    block = tar.read(BLOCK)
    if not block.strip(b"\0"):
        return None
    if len(block) < BLOCK:
        raise _incomplete()
    kind = block[156:157]
    size = 0 if kind in (*LINKS, FOLDER) else _number(block[124:136])
    if not _is_header(block) or size < 0:
        text = "This tar archive is damaged" if entries else "This is not a tar archive"
        raise DataError(f"{text}: download it again, or zip the class folders.")
    name, prefix = (block[start:end].partition(b"\0")[0] for start, end in ((0, 100), (345, 500)))
    has_prefix = block[257:263] == b"ustar\0" and prefix
    full_name = prefix + b"/" + name if has_prefix else name
    target = block[157:257].partition(b"\0")[0] if kind == HARD_LINK else b""
    return _Header(full_name, size, kind, _number(block[136:148]), target, kind == b"S")


def _take_notes(header: _Header, content: bytes, pending: _Pending) -> None:
    if header.kind == LONG_NAME:
        pending.name = content.partition(b"\0")[0]
    elif header.kind == LONG_LINK:
        pending.target = content.partition(b"\0")[0]
    elif header.kind == NOTES:
        pending.notes |= _pax_records(content)


def _complete(header: _Header, pending: _Pending) -> None:
    """Set what could not stand in the header itself: a long name, a large size."""
    header.name = pending.notes.get(b"path", pending.name or header.name)
    if header.kind == HARD_LINK:
        header.target = pending.notes.get(b"linkpath", pending.target or header.target)
    size = pending.notes.get(b"size", b"")
    header.size = int(size) if size.isdigit() and len(size) < 16 else header.size
    header.is_sparse |= any(key.startswith(b"GNU.sparse") for key in pending.notes)


def _pax_records(content: bytes) -> dict[bytes, bytes]:
    """Notes of the form `27 path=cat/1.jpg` and a line feed, the number being the length of the whole."""
    records, at = {}, 0
    while (space := content.find(b" ", at, at + 20)) > 0 and content[at:space].isdigit():
        length = int(content[at:space])
        key, equals, value = content[space + 1 : at + length].partition(b"=")
        if length < 5 or not equals:
            break
        records[key] = value.removesuffix(b"\n")
        at += length
    return records


def _number(field: bytes) -> int:
    """Octal digits, or bytes of a large number marked by the first bit; -1 if neither."""
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:])
    digits = field.strip(b" \0")
    return int(digits, 8) if digits.isdigit() and not set(digits) & set(b"89") else -1 if digits else 0


def _is_header(block: bytes) -> bool:
    """Whether the checksum fits: the sum of all bytes, its own taken as blanks. Old programs took them as signed."""
    others = block[:148] + b" " * 8 + block[156:]
    unsigned, negative = sum(others), len(others.translate(None, POSITIVE))
    return _number(block[148:156]) in (unsigned, unsigned - 256 * negative)


def _incomplete() -> DataError:
    return DataError("This tar archive is incomplete, its end is missing: download or copy it again.")
