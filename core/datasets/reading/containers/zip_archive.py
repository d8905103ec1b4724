"""ZIP archives, capped before anything is unpacked."""

from __future__ import annotations

import functools
import os
import struct
import zipfile
from pathlib import Path
from typing import BinaryIO

from core.datasets.layout.listing import SourceContents, SourceFile
from core.datasets.reading.containers.limits import ENTRY_CAP, HEAD
from core.errors import DataError
from core.images import BYTE_CAP, RefusedPicture

DIRECTORY_CAP = 8_000_000  # bytes of a zip's table of contents: 130 an entry
UNPACKED_CAP = 4_000_000_000
RATIO_CAP = 100  # photographs hardly shrink at all; a bomb shrinks a thousandfold


def open_zip(archive: Path | BinaryIO, name: str) -> SourceContents:
    """The files in a ZIP, to be read member by member in memory.

    Raises: DataError if it is no ZIP, is damaged or encrypted, or is built to burst when unpacked.
    """
    try:
        _check_directory(archive)
        opened = zipfile.ZipFile(archive)
        members = [member for member in opened.infolist() if not member.is_dir()]
        folders = {member.filename.rstrip("/") for member in opened.infolist() if member.is_dir()}
    except DataError:
        raise
    except Exception as error:  # zipfile meets hostile bytes here and raises whatever it likes
        raise DataError("This is not a ZIP archive, or a damaged one: zip the class folders again.") from error
    _check_members(members)
    return SourceContents(
        name, {member.filename: _stored(opened, member) for member in members}, tuple(sorted(folders))
    )


def _stored(opened: zipfile.ZipFile, member: zipfile.ZipInfo) -> SourceFile:
    stamp = f"{member.file_size} {member.CRC}"
    read, head = functools.partial(_read, opened, member), functools.partial(_head, opened, member)
    return SourceFile(read, stamp, head, member.file_size)


def _read(opened: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    try:
        with opened.open(member) as file:
            return file.read(BYTE_CAP + 1)
    except Exception as error:  # decompressors meet hostile bytes here and raise whatever they like
        message = f"{member.filename} is damaged inside the archive: zip it again."
        raise RefusedPicture(message, "damaged in the archive") from error


def _head(opened: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    try:
        with opened.open(member) as file:
            return file.read(HEAD)
    except Exception:  # as above; reading it whole says why
        return b""


def _check_directory(archive: Path | BinaryIO) -> None:
    """Look at the size of the table of contents before `zipfile` reads it whole."""
    file = archive.open("rb") if isinstance(archive, Path) else archive
    try:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - 66_000))
        tail = file.read()
    finally:
        if isinstance(archive, Path):
            file.close()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or end + 22 > len(tail):
        raise zipfile.BadZipFile
    length = struct.unpack_from("<I", tail, end + 12)[0]
    if end >= 76 and tail[end - 20 : end - 16] == b"PK\x06\x07":  # the 64-bit form, which overrules the other
        length = struct.unpack_from("<Q", tail, end - 76 + 40)[0]
    if length > DIRECTORY_CAP:
        raise DataError(f"This archive lists too many files (the limit is {ENTRY_CAP:,}): split it.")


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > ENTRY_CAP:
        raise DataError(f"This archive holds {len(members):,} files and the limit is {ENTRY_CAP:,}: split it.")
    if any(member.flag_bits & 1 for member in members):
        raise DataError("This archive is encrypted with a password: zip the folders again without one.")
    unpacked, packed = (sum(getattr(m, size) for m in members) for size in ("file_size", "compress_size"))
    if unpacked > UNPACKED_CAP:
        raise DataError(f"This archive unpacks to {unpacked / 1e9:,.1f} GB and the limit is 4 GB: use fewer images.")
    if unpacked > RATIO_CAP * max(packed, 1) and unpacked > BYTE_CAP:
        ratio = unpacked / max(packed, 1)
        raise DataError(f"This archive unpacks to {ratio:,.0f} times its size, which images never do: zip them again.")
