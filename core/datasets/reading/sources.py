"""Sources of images: a folder or a ZIP of class folders, listed and read without unpacking anything to disk."""

from __future__ import annotations

import functools
import hashlib
import os
import re
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from core.errors import DataError
from core.images import BYTE_CAP, RefusedPicture, read_picture

ENTRY_CAP = 60_000
DIRECTORY_CAP = 8_000_000  # bytes of a zip's table of contents: 130 an entry
UNPACKED_CAP = 4_000_000_000
RATIO_CAP = 100  # photographs hardly shrink at all; a bomb shrinks a thousandfold

DIGITS = re.compile(r"([0-9]+)")
SUFFIX = re.compile(r"jpe?g|jpe|jfif|png|gif|bmp|webp|tiff?|avif|p[pgbn]m|hei[cf]", re.IGNORECASE)
File = tuple[Callable[[], bytes], str]  # how to read it, and a stamp that changes with its content


@dataclass(frozen=True)
class Candidate:
    """A file that ought to be an image. `read()` gives its bytes or raises PictureError; `stamp` changes with them."""

    path: str
    class_name: str
    read: Callable[[], bytes]
    stamp: str


@dataclass(frozen=True)
class Listing:
    """The files of a source: candidates in class and natural order, and those that were ignored."""

    name: str
    candidates: tuple[Candidate, ...]
    ignored: tuple[str, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """The class names, sorted naturally."""
        return tuple(sorted({candidate.class_name for candidate in self.candidates}, key=natural))

    @property
    def fingerprint(self) -> str:
        """A short text that changes whenever a file comes, goes or changes."""
        content = "\n".join(f"{candidate.path} {candidate.stamp}" for candidate in self.candidates)
        return hashlib.blake2b(content.encode(errors="surrogatepass"), digest_size=12).hexdigest()


def list_folder(folder: Path) -> Listing:
    """The images under a folder; links are not followed.

    Raises: DataError if it is no folder or holds too many files.
    """
    if not folder.is_dir():
        raise DataError(f"The folder {folder} does not exist: check the name.")
    files: dict[str, File] = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            if path.is_file() and not path.is_symlink():
                about = path.stat()
                read = functools.partial(read_picture, path)
                files[path.relative_to(folder).as_posix()] = read, f"{about.st_size} {about.st_mtime_ns}"
        if len(files) > ENTRY_CAP:
            raise DataError(f"{folder} holds more than {ENTRY_CAP:,} files: choose a smaller folder.")
    return _by_class(folder.name, files)


def list_zip(archive: Path | BinaryIO, name: str = "archive") -> Listing:
    """The images in a zip, to be read member by member in memory.

    Raises: DataError if it is no zip, is damaged or encrypted, or is built to burst when unpacked.
    """
    try:
        _check_directory(archive)
        opened = zipfile.ZipFile(archive)
        members = [member for member in opened.infolist() if not member.is_dir()]
    except DataError:
        raise
    except Exception as error:  # zipfile meets hostile bytes here and raises whatever it likes
        raise DataError("This is not a ZIP archive, or a damaged one: zip the class folders again.") from error
    _check_members(members)
    reads = ((member, functools.partial(_read_member, opened, member)) for member in members)
    return _by_class(name, {member.filename: (read, f"{member.file_size} {member.CRC}") for member, read in reads})


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


def _by_class(name: str, files: dict[str, File]) -> Listing:
    """An image's class is the folder it lies in. Folders that hold further folders of images are no classes.

    If that gives no two classes, names such as cat.12.jpg and dog.7.jpg do.
    """
    parts_of = {path: parts for path in files if _is_image_name(parts := _parts(path))}
    folder_of = {path: parts[:-1] for path, parts in parts_of.items()}
    above = {folder[:depth] for folder in set(folder_of.values()) for depth in range(len(folder))} | {()}
    class_of = {path: printable(folder[-1]) for path, folder in folder_of.items() if folder not in above}
    if len(set(class_of.values())) < 2:
        class_of = _classes_in_names({path: parts[-1] for path, parts in parts_of.items()}) or class_of
    candidates = [Candidate(path, class_name, *files[path]) for path, class_name in class_of.items()]
    candidates.sort(key=lambda candidate: (candidate.class_name, natural(candidate.path)))
    return Listing(name, tuple(candidates), tuple(sorted(files.keys() - class_of.keys(), key=natural)))


def _parts(path: str) -> tuple[str, ...]:
    """Folders and file; an archive may have been made on Windows."""
    return tuple(part for part in path.replace("\\", "/").split("/") if part != ".")


def _is_image_name(parts: tuple[str, ...]) -> bool:
    """By its name: no system file, nothing hidden, no way out of the archive, and an image's suffix or none."""
    if any(not part or part.startswith((".", "__MACOSX")) or ":" in part for part in parts):
        return False
    _, dot, suffix = parts[-1].rpartition(".")
    return not dot or SUFFIX.fullmatch(suffix) is not None


def _classes_in_names(name_of: dict[str, str]) -> dict[str, str]:
    """The word before the number in every name, by path; empty if a name is not of that form or all have one word."""
    matches = {path: re.match(r"([^\W\d_]+)[ ._-]*\d+\.\w+$", name) for path, name in name_of.items()}
    words = {path: match.group(1) for path, match in matches.items() if match}
    return words if len(words) == len(name_of) and len(set(words.values())) > 1 else {}


def printable(class_name: str) -> str:
    """A folder's name, fit to be shown."""
    return "".join(letter for letter in class_name if letter.isprintable())[:60] or "unnamed"


def natural(text: str) -> list[tuple[int, int, str]]:
    """A sort key by which 2.jpg comes before 10.jpg.

    >>> sorted(["10.jpg", "2.jpg"], key=natural)
    ['2.jpg', '10.jpg']
    """
    parts = [part for part in DIGITS.split(text) if part]
    return [(0, len(part.lstrip("0")), part.lstrip("0")) if part.isdecimal() else (1, 0, part) for part in parts]
