"""Sources of images: a folder or a ZIP of class folders, listed and read without unpacking anything to disk."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from core.datasets.reading.containers import Contents, open_archive, open_folder
from core.images import BYTE_CAP

DIGITS = re.compile(r"([0-9]+)")
SUFFIX = re.compile(r"jpe?g|jpe|jfif|png|gif|bmp|webp|tiff?|avif|p[pgbn]m|hei[cf]", re.IGNORECASE)


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
    """The images under a folder.

    Raises: DataError if it is no folder or holds too many files.
    """
    return _by_class(open_folder(folder))


def list_archive(archive: Path | BinaryIO, name: str = "archive") -> Listing:
    """The images in an archive, to be read one by one in memory.

    Raises: DataError if it is no archive, is damaged or encrypted, or is built to burst when unpacked.
    """
    return _by_class(open_archive(archive, name))


def _read_open(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(BYTE_CAP + 1)


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


def _by_class(contents: Contents) -> Listing:
    """An image's class is the folder it lies in. Folders that hold further folders of images are no classes.

    If that gives no two classes, names such as cat.12.jpg and dog.7.jpg do.
    """
    files = contents.files
    parts_of = {path: parts for path in files if _is_image_name(parts := _parts(path))}
    folder_of = {path: parts[:-1] for path, parts in parts_of.items()}
    above = {folder[:depth] for folder in set(folder_of.values()) for depth in range(len(folder))} | {()}
    class_of = {path: printable(folder[-1]) for path, folder in folder_of.items() if folder not in above}
    if len(set(class_of.values())) < 2:
        class_of = _classes_in_names({path: parts[-1] for path, parts in parts_of.items()}) or class_of
    candidates = [
        Candidate(path, class_name, files[path].read, files[path].stamp) for path, class_name in class_of.items()
    ]
    candidates.sort(key=lambda candidate: (candidate.class_name, natural(candidate.path)))
    ignored = {*files, *contents.left_out} - class_of.keys()
    return Listing(contents.name, tuple(candidates), tuple(sorted(ignored, key=natural)))


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
