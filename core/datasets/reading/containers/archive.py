"""Opening an archive by what it is, whatever its name says; archives inside it too, one level deep."""

from __future__ import annotations

import functools
import itertools
import lzma
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from core.datasets.layout.listing import ARCHIVE_BESIDE, SourceContents
from core.datasets.reading.containers.byte_source import ByteSource, Spool
from core.datasets.reading.containers.decompression import (
    Decompressor,
    bzip2_stream,
    decompressed,
    gzip_stream,
    xz_stream,
)
from core.datasets.reading.containers.limits import HEAD, ArchiveTooLarge, UnpackingBudget
from core.datasets.reading.containers.members import Member, MemberTable, head_of
from core.datasets.reading.containers.tar_archive import BLOCK, PackedTar, PieceReader, PlainTar, is_tar, read_tar
from core.datasets.reading.containers.zip_archive import read_zip
from core.errors import DataError
from core.images.signatures import could_be_image, is_system_file, kind_of

STREAMS: dict[str, Callable[[], Decompressor]] = {"gzip": gzip_stream, "bzip2": bzip2_stream, "xz": xz_stream}
SIGNATURES = (
    (rb"\x1f\x8b", "gzip"),
    (rb"BZh[1-9](1AY&SY|\x17\x72\x45\x38\x50\x90)", "bzip2"),
    (rb"\xfd7zXZ\0|\x5d\0\0[\0-\xff]{2}[\0-\xff]{8}\0", "xz"),
    (rb"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (rb"Rar!\x1a\x07", "a RAR archive"),
    (rb"\x28\xb5\x2f\xfd", "a Zstandard archive (.zst)"),
    (rb"\x1f\x9d", "an archive of the old compress program (.Z)"),
    (rb"\x04\x22\x4d\x18", "an LZ4 archive"),
    (rb"MSCF", "a CAB archive"),
    (rb"[\0-\xff]{2}-lh", "an LHA archive"),
)
SUFFIXES = re.compile(r"(\.tar)?\.(zip|tar|tgz|tbz2?|txz|gz|bz2|xz|7z|rar|zst)$", re.IGNORECASE)
PACKED_TABLE = re.compile(r"\.(csv|tsv|txt|json)\.zip$", re.IGNORECASE)  # as Kaggle packs each file
WAYS_OUT = {  # of what has come instead of an archive
    "a web page": "open it in a browser, which may show why the download failed, and download again",
    "a Git LFS pointer": "run git lfs pull in the repository that it comes from",
    "a torrent file": "download with it what it stands for",
}
DISC = 32_769  # where the name of that format stands
NAMED = 3  # archives inside of which a note says why they cannot be read
ZIP_AGAIN = "unpack it, for example with 7-Zip, and zip the class folders"


@dataclass
class Opening:
    """What is shared by an archive and those inside it: the budget, and the file that they are unpacked into."""

    budget: UnpackingBudget = field(default_factory=UnpackingBudget)
    spool: Spool = field(default_factory=Spool)


def open_archive(archive: Path | BinaryIO, name: str = "archive") -> SourceContents:
    """The files of a ZIP or tar, to be read one by one in memory.

    A compressed tar, and an archive inside an archive, are unpacked once into a temporary file without a name; of
    the last such path that was opened it is kept, so that asking again is quick.
    Raises: DataError if it is no archive that can be read, is damaged or encrypted, or is built to burst.
    """
    if not isinstance(archive, Path):
        return _opened(ByteSource(archive), Opening()).contents(name)
    try:
        about = archive.stat()
        key = (str(archive.resolve()), about.st_size, about.st_mtime_ns)
        table = _LAST.get(key)
        if table is None:
            opening = Opening()
            table = _opened(ByteSource(archive), opening)
            if opening.spool.used:
                _LAST.clear()
                _LAST[key] = table
        return table.contents(name)
    except OSError as error:
        raise DataError(f"{archive} cannot be read ({error.strerror}): check the name and your permission.") from error


_LAST: dict[tuple[str, int, int], MemberTable] = {}


def _opened(source: ByteSource, opening: Opening) -> MemberTable:
    table = _read(source, opening)
    open_inner(table, opening)
    return table


def _read(source: ByteSource, opening: Opening) -> MemberTable:
    """The members of one archive."""
    head = source.read(0, HEAD)
    kind = _kind(head)
    try:
        if is_tar(head):
            return read_tar(PlainTar(source), opening.budget, source.size)
        if kind in STREAMS:
            return _read_packed_tar(source, kind, opening)
        if kind or not _has_zip_end(source, head):
            raise _not_an_archive(head, kind, source.read(DISC, 5) == b"CD001")
        return read_zip(source, opening.budget)
    except DataError:
        raise
    except EOFError as error:
        text = "This archive is incomplete, its end is missing"
        raise DataError(f"{text}: download or copy it again.") from error
    except lzma.LZMAError as error:
        what = "takes more memory to unpack than is allowed here" if "memory" in str(error).lower() else "is damaged"
        raise DataError(f"This archive {what}: {ZIP_AGAIN}.") from error
    except Exception as error:  # decompressors meet hostile bytes here and raise whatever they like
        raise DataError("This archive is damaged: download it again, or zip the class folders.") from error


def _kind(head: bytes) -> str:
    """What the first bytes say, if that is an archive other than a ZIP or a plain tar; else empty."""
    return next((kind for pattern, kind in SIGNATURES if re.match(pattern, head, re.DOTALL)), "")


def _has_zip_end(source: ByteSource, head: bytes) -> bool:
    """Whether it begins as a ZIP, or has something like the end of one: other things may stand before a ZIP."""
    return head[:2] == b"PK" or b"PK\x05\x06" in source.read(max(0, source.size - 66_000), 66_000)


def _read_packed_tar(source: ByteSource, kind: str, opening: Opening) -> MemberTable:
    pieces = decompressed(source.pieces(0, source.size), STREAMS[kind], several=True)
    begin = b""
    while len(begin) < BLOCK and (piece := next(pieces, b"")):
        begin += piece
    if not is_tar(begin):
        inside = kind_of(begin)
        if inside and not inside.is_picture:
            raise DataError(f"This is a {kind} file with {inside.reason} inside: unpack it, and {inside.way_out}.")
        text = f"This is a {kind} file" + (f" with {inside.reason} inside" if inside else " that is no tar archive")
        raise DataError(f"{text}: {ZIP_AGAIN}.")
    tar = PackedTar(PieceReader(itertools.chain([begin], pieces)), opening.spool)
    return read_tar(tar, opening.budget, source.size)


def _not_an_archive(head: bytes, kind: str, is_disc: bool) -> DataError:
    if is_disc:
        return DataError(f"This is an image of a disc (ISO 9660), which is not read here: {ZIP_AGAIN}.")
    if kind:
        return DataError(f"This is {kind}, which is not read here: {ZIP_AGAIN}.")
    if not head:
        return DataError("This file is empty (0 bytes): download it again, or zip the class folders.")
    if what := kind_of(head):
        way_out = WAYS_OUT.get(what.reason, "zip the class folders")
        return DataError(f"This file is {what.reason} and not a ZIP or tar archive: {way_out}.")
    return DataError("This is not a ZIP or tar archive, or a damaged one: zip the class folders again.")


def open_inner(table: MemberTable, opening: Opening, source_of: Callable[[str], ByteSource] | None = None) -> None:
    """Replace archives inside a container by their members, if it holds no images of its own.

    Kaggle packs sets so: train.zip and test.zip in one ZIP. `source_of(path)` opens one that need not be unpacked.
    """
    inner = [path for path in table.members if SUFFIXES.search(path) and not is_system_file(path)]
    if not inner:
        return
    if any(could_be_image(path, functools.partial(head_of, member)) for path, member in table.members.items()):
        for path in inner:
            if PACKED_TABLE.search(path):
                _open_one(table, path, opening, source_of)
            else:
                del table.members[path]
                table.left_out[path] = ARCHIVE_BESIDE
        return
    errors = [error for path in inner if (error := _open_one(table, path, opening, source_of))]
    if len(errors) == len(inner):
        raise errors[0]
    table.notes += [str(error) for error in errors[:NAMED]]
    if len(errors) > NAMED:
        table.notes.append(f"{len(errors) - NAMED:,} more archives inside cannot be read either.")


def _open_one(
    table: MemberTable, path: str, opening: Opening, source_of: Callable[[str], ByteSource] | None
) -> DataError | None:
    """Replace one archive by its members, or leave it out with a note, and return the reason."""
    member = table.members.pop(path)
    try:
        source = source_of(path) if source_of else _unpacked(member, opening)
        inside = _read(source, opening)
    except ArchiveTooLarge:
        raise
    except DataError as error:
        table.left_out[path] = "an archive that cannot be read"
        return DataError(f"{path}: {error}")
    nested = [name for name in inside.members if SUFFIXES.search(name)]
    for name in nested:
        del inside.members[name]
        inside.left_out[name] = "an archive inside an archive inside the archive"
    table.add(inside, SUFFIXES.sub("", str(PurePosixPath(path))))
    return None


def _unpacked(member: Member, opening: Opening) -> ByteSource:
    try:
        return opening.spool.add(member.pieces())
    except DataError:
        raise
    except Exception as error:  # as in `_read`
        raise DataError(f"It cannot be unpacked: {error or 'its end is missing'}.") from error
