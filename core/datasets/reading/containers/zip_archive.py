"""ZIP archives: capped before anything is unpacked, read member by member in memory."""

from __future__ import annotations

import functools
import stat
import struct
import zlib
from collections import Counter
from collections.abc import Callable, Iterator

from core.datasets.reading.containers.byte_source import ByteSource
from core.datasets.reading.containers.decompression import (
    RAW_DEFLATE,
    Decompressor,
    Inflater,
    bzip2_stream,
    decompressed,
    raw_lzma,
    xz_stream,
)
from core.datasets.reading.containers.limits import UnpackingBudget
from core.datasets.reading.containers.members import Member, MemberTable
from core.datasets.reading.containers.names.encodings import decoded_names
from core.datasets.reading.containers.names.paths import safe_path
from core.datasets.reading.containers.zip_directory import LOCAL, ZipEntry, entries_of
from core.errors import DataError
from core.images import RefusedPicture

STORED, LZMA = 0, 14
STREAMS: dict[int, Callable[[], Decompressor]] = {
    8: functools.partial(Inflater, RAW_DEFLATE),
    12: bzip2_stream,
    95: xz_stream,
}
METHODS = {
    **{1: "Shrink", 6: "Implode", 9: "Deflate64", 10: "PKWARE Implode", 20: "Zstandard", 93: "Zstandard"},
    **{94: "MP3", 96: "JPEG packing", 97: "WavPack", 98: "PPMd", 99: "AES encryption"},
}
AGAIN = "zip the class folders again with the usual method, Deflate (7-Zip or the zip command do)"


def read_zip(source: ByteSource, budget: UnpackingBudget) -> MemberTable:
    """The members of a ZIP.

    Raises: DataError if it is damaged or encrypted, is compressed in a way that is not read here, or passes `budget`.
    """
    entries = entries_of(source, budget)
    budget.add_entries(len(entries))
    names, notes = _names(entries)
    table = MemberTable(notes=notes)
    for entry, name in zip(entries, names, strict=True):
        _add(table, source, entry, name)
    files = [entry for entry, name in zip(entries, names, strict=True) if not name.endswith("/")]
    budget.add_bytes(sum(entry.size for entry in files), sum(entry.packed_bytes for entry in files))
    _check_methods(files)
    twice = [name for name, count in Counter(names).items() if count > 1 and name in table.members]
    if twice:
        notes.append(f"{len(twice):,} names occur more than once in the archive, such as {twice[0]}: the last counts.")
    return table


def _names(entries: list[ZipEntry]) -> tuple[list[str], list[str]]:
    """The decoded names, with `/` between folders, and a note on what was assumed."""
    undecided = [entry.name for entry in entries if entry.unicode_name is None]
    decoded, notes = decoded_names(undecided)
    names = iter(decoded)
    both = (next(names) if entry.unicode_name is None else entry.unicode_name for entry in entries)
    return [name.partition("\0")[0].replace("\\", "/") for name in both], notes


def _add(table: MemberTable, source: ByteSource, entry: ZipEntry, name: str) -> None:
    path = safe_path(name)
    if path is None:
        table.left_out[name] = "a path out of the archive"
    elif name.endswith("/") or stat.S_ISDIR(entry.mode):
        table.folders.add(path)
    elif stat.S_ISLNK(entry.mode):
        table.left_out[path] = "a symbolic link"
    else:
        table.members[path] = Member(
            entry.size, f"{entry.size} {entry.crc}", functools.partial(_pieces, source, entry, path)
        )


def _is_read(entry: ZipEntry) -> bool:
    return entry.method in STREAMS or entry.method in (STORED, LZMA)


def _check_methods(files: list[ZipEntry]) -> None:
    if files and all(entry.is_encrypted for entry in files):
        raise DataError("This archive is encrypted with a password: zip the folders again without one.")
    if files and not any(_is_read(entry) for entry in files):
        raise DataError(f"This archive is compressed with {_method(files[0])}, which is not read here: {AGAIN}.")


def _method(entry: ZipEntry) -> str:
    return f"{METHODS[entry.method]} (method {entry.method})" if entry.method in METHODS else f"method {entry.method}"


def _pieces(source: ByteSource, entry: ZipEntry, path: str) -> Iterator[bytes]:
    """The content of a member, never more than it promises; checked when it has come whole."""
    if entry.is_encrypted:
        message = f"{path} is encrypted with a password: zip it again without one."
        raise RefusedPicture(message, "encrypted in the archive")
    if not _is_read(entry):
        message = f"{path} is compressed with {_method(entry)}, which is not read here: {AGAIN}."
        raise RefusedPicture(message, f"compressed with {METHODS.get(entry.method, 'an unknown method')}")
    left, crc = entry.size, 0
    for piece in _unpacked(source, entry):
        piece = piece[:left]
        left -= len(piece)
        crc = zlib.crc32(piece, crc)
        if not left and crc != entry.crc:
            raise ValueError("checksum")
        yield piece
        if not left:
            return
    if left:
        raise EOFError


def _unpacked(source: ByteSource, entry: ZipEntry) -> Iterator[bytes]:
    head = source.read(entry.offset, 30)
    if head[:4] != LOCAL or len(head) < 30:
        raise ValueError("no local header")
    start = entry.offset + 30 + sum(struct.unpack_from("<HH", head, 26))
    if entry.method == STORED:
        return source.pieces(start, entry.packed_bytes)
    if entry.method != LZMA:
        return decompressed(source.pieces(start, entry.packed_bytes), STREAMS[entry.method])
    properties = source.read(start + 4, 5)
    pieces = source.pieces(start + 9, entry.packed_bytes - 9)
    return decompressed(pieces, functools.partial(raw_lzma, properties, entry.size))
