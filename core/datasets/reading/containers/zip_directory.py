"""The table of contents of a ZIP archive, found and read by its specification.

Names stay bytes here, for only all of them together tell how they are written.
Source: PKWARE APPNOTE 6.3.10; Info-ZIP's extrafld.txt for the Unicode path.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from core.datasets.reading.containers.byte_source import ByteSource
from core.datasets.reading.containers.limits import UnpackingBudget
from core.errors import DataError

ENTRY, LOCAL, END = b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"
END64, LOCATOR64 = b"PK\x06\x06", b"PK\x06\x07"
TAIL = 22 + 65_535  # bytes: the end record and the longest comment behind it
ALL_ONES = 0xFFFF_FFFF  # says that the true number stands in a 64-bit field
ZIP64, UNICODE_PATH = 0x0001, 0x7075
UTF8_FLAG, ENCRYPTED_FLAG = 1 << 11, 1


class ZipEntry(NamedTuple):
    """A line of the table: `name` as it is stored, `unicode_name` where that is given too; sizes in bytes."""

    name: bytes
    unicode_name: str | None
    flags: int
    method: int
    crc: int
    packed_bytes: int
    size: int
    offset: int
    mode: int

    @property
    def is_encrypted(self) -> bool:
        return bool(self.flags & ENCRYPTED_FLAG)


def entries_of(source: ByteSource, budget: UnpackingBudget) -> list[ZipEntry]:
    """All lines of the table of contents.

    Raises: DataError if there is no such table, it is cut short or damaged, or passes `budget`.
    """
    start, length, shift = _find_table(source)
    budget.add_directory(length)
    table = source.read(start, length)
    if len(table) < length:
        raise damaged()
    return list(_entries(table, shift))


def damaged() -> DataError:
    return DataError("This ZIP archive is damaged: download it again, or zip the class folders again.")


def _find_table(source: ByteSource) -> tuple[int, int, int]:
    """Where the table begins, its length, and what must be added to all offsets: bytes that stand before the archive.

    A comment may quote the mark of the end record, so the last one that a table really stands before counts.
    """
    tail_at = max(0, source.size - TAIL - 20)
    tail = source.read(tail_at, TAIL + 20)
    at = tail.rfind(END)
    while at >= 0:
        if (place := _table_before(source, tail, at, tail_at + at)) is not None:
            return place
        at = tail.rfind(END, 0, at)
    part = int.from_bytes(tail.rpartition(END)[2][:2], "little") if END in tail else 0
    if 0 < part < 1000:
        text = f"This is the last of {part + 1} parts of a ZIP archive"
        raise DataError(f"{text}: join them (zip -s 0 NAME.zip --out whole.zip, or 7-Zip), or zip the folders again.")
    if source.read(0, 4) in (LOCAL, b"PK00", b"PK\x07\x08"):
        text = "This ZIP archive is incomplete, its end is missing"
        raise DataError(f"{text}: download it again (all parts, if there are several), or zip the folders again.")
    raise damaged()


def _table_before(source: ByteSource, tail: bytes, at: int, end_at: int) -> tuple[int, int, int] | None:
    """The place of the table that an end record describes, or None if it describes none."""
    if at + 22 > len(tail):
        return None
    part, count, length, offset, comment = struct.unpack_from("<H4xHIIH", tail, at + 4)
    if at + 22 + comment > len(tail):
        return None
    if tail[max(0, at - 20) : at][:4] == LOCATOR64:
        end_at, length, offset = _read_end64(source, end_at, length, offset)
        if length > source.size:  # the caller says so
            return 0, length, 0
    for start in (end_at - length, offset) if part in (0, 0xFFFF) else ():
        if (length == count == 0 and start >= 0) or source.read(start, 4) == ENTRY:
            return start, length, start - offset
    return None


def _read_end64(source: ByteSource, end_at: int, length: int, offset: int) -> tuple[int, int, int]:
    """Place of the 64-bit end record, and what overrules the numbers of the short one."""
    (stated,) = struct.unpack("<Q", source.read(end_at - 12, 8))
    for place in (end_at - 76, stated):
        record = source.read(place, 56)
        if record[:4] == END64 and len(record) == 56:
            return place, *struct.unpack_from("<QQ", record, 40)
    return end_at, length, offset


def _entries(table: bytes, shift: int) -> Iterator[ZipEntry]:
    """The lines of a table; `shift` is added to where they say that their content is."""
    at = 0
    while at < len(table):
        if table[at : at + 4] != ENTRY or at + 46 > len(table):
            raise damaged()
        flags, method, _, crc, packed, size, *lengths = struct.unpack_from("<HHIIIIHHH", table, at + 8)
        attributes, offset = struct.unpack_from("<II", table, at + 38)
        name_end = at + 46 + lengths[0]
        name, extra = table[at + 46 : name_end], _extra_fields(table[name_end : name_end + lengths[1]])
        size, packed, offset = _true_sizes(extra.get(ZIP64, b""), (size, packed, offset))
        unicode_name = _unicode_name(name, flags, extra.get(UNICODE_PATH, b""))
        yield ZipEntry(name, unicode_name, flags, method, crc, packed, size, offset + shift, attributes >> 16)
        at = name_end + lengths[1] + lengths[2]


def _extra_fields(extra: bytes) -> dict[int, bytes]:
    """The additional fields of an entry by their number; what does not fit is passed over."""
    fields: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        fields[kind] = extra[at + 4 : at + 4 + length]
        at += 4 + length
    return fields


def _true_sizes(zip64: bytes, short: tuple[int, int, int]) -> tuple[int, int, int]:
    """Size, packed bytes and offset, each replaced by the next 64-bit number where it is all ones."""
    if ALL_ONES not in short:
        return short
    long = iter(struct.unpack(f"<{len(zip64) // 8}Q", zip64[: len(zip64) // 8 * 8]))
    size, packed, offset = (next(long, number) if number == ALL_ONES else number for number in short)
    return size, packed, offset


def _unicode_name(name: bytes, flags: int, field: bytes) -> str | None:
    """The name in Unicode: by the flag, or by the field of Info-ZIP if it belongs to this very name."""
    belongs = len(field) > 5 and field[0] == 1 and int.from_bytes(field[1:5], "little") == zlib.crc32(name)
    try:
        return field[5:].decode() if belongs else name.decode() if flags & UTF8_FLAG else None
    except UnicodeDecodeError:
        return None
