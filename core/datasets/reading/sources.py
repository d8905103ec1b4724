"""Sources of images: a folder or a ZIP, listed and read without unpacking anything to disk."""

from __future__ import annotations

import functools
import hashlib
import os
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from core.datasets.layout.listing import Candidate, Listing, SourceContents, SourceFile
from core.datasets.layout.naming import printable
from core.errors import DataError
from core.images import BYTE_CAP, RefusedPicture, read_picture

ENTRY_CAP = 60_000
DIRECTORY_CAP = 8_000_000  # bytes of a zip's table of contents: 130 an entry
UNPACKED_CAP = 4_000_000_000
RATIO_CAP = 100  # photographs hardly shrink at all; a bomb shrinks a thousandfold


def list_folder(folder: Path) -> SourceContents:
    """The files under a folder; links are not followed.

    Raises: DataError if it is no folder or holds too many files.
    """
    if not folder.is_dir():
        raise DataError(f"The folder {folder} does not exist: check the name.")
    files: dict[str, SourceFile] = {}
    empty: list[str] = []
    for parent, below, names in os.walk(folder):
        if not below and not names:
            empty.append(Path(parent).relative_to(folder).as_posix())
        for name in names:
            path = Path(parent, name)
            if path.is_file() and not path.is_symlink():
                about = path.stat()
                read = functools.partial(read_picture, path)
                stamp = f"{about.st_size} {about.st_mtime_ns}"
                files[path.relative_to(folder).as_posix()] = SourceFile(read, stamp)
        if len(files) > ENTRY_CAP:
            raise DataError(f"{folder} holds more than {ENTRY_CAP:,} files: choose a smaller folder.")
    return SourceContents(folder.name, files, tuple(empty))


def list_zip(archive: Path | BinaryIO, name: str = "archive") -> SourceContents:
    """The files in a zip, to be read member by member in memory.

    Raises: DataError if it is no zip, is damaged or encrypted, or is built to burst when unpacked.
    """
    try:
        _check_directory(archive)
        opened = zipfile.ZipFile(archive)
        listed = opened.infolist()
        members = [member for member in listed if not member.is_dir()]
    except DataError:
        raise
    except Exception as error:  # zipfile meets hostile bytes here and raises whatever it likes
        raise DataError("This is not a ZIP archive, or a damaged one: zip the class folders again.") from error
    _check_members(members)
    reads = ((member, functools.partial(_read_member, opened, member)) for member in members)
    files = {member.filename: SourceFile(read, f"{member.file_size} {member.CRC}") for member, read in reads}
    folders = tuple(member.filename.rstrip("/") for member in listed if member.is_dir())
    return SourceContents(name, files, folders)


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


def _read_open(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(BYTE_CAP + 1)


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(member) as file:
            return file.read(BYTE_CAP + 1)
    except Exception as error:  # decompressors meet hostile bytes here and raise whatever they like
        message = f"{member.filename} is damaged inside the archive: zip it again."
        raise RefusedPicture(message, "damaged in the archive") from error


def list_files(name: str, images: Mapping[str, Sequence[bytes | BinaryIO]]) -> Listing:
    """Single images, by class, such as somebody uploads or takes with a camera."""
    candidates = []
    for class_name, sources in images.items():
        for number, source in enumerate(sources):
            data = source if isinstance(source, bytes) else _read_open(source)
            file = getattr(source, "name", str(number))
            stamp = hashlib.blake2b(data, digest_size=16).hexdigest()
            read = functools.partial(bytes, data)
            candidates.append(Candidate(f"{class_name}/{file}", printable(class_name), read, stamp))
    return Listing(name, tuple(candidates), ())
