"""Photographs brought one by one, into classes that somebody names: kept small, on disk, and zipped when ready."""

from __future__ import annotations

import shutil
import tempfile
import weakref
import zipfile
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from core.datasets.dataset import MAX_SIZE
from core.datasets.reading.decoding import MAX_CLASSES
from core.errors import DataError
from core.images import open_picture
from core.images.resizing import SMOOTH

MIN_CLASSES, MIN_PICTURES = 2, 2
PICTURES_CAP = 2_000  # in all classes: some 100 MB of disk
NAME_CAP = 40
FORBIDDEN = '/\\:*?"<>|'  # what some file system or other cannot have in a name


class Collection:
    """Classes of photographs that grow. What lies on disk goes when the collection does.

    Pictures are upright, in colour, at most 512 pixels long, which is the largest that a network here can see.
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="cnn-photographs-"))
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._pictures: dict[str, list[Path]] = {}
        self._made = 0

    @property
    def counts(self) -> dict[str, int]:
        """Pictures of each class, in the order in which the classes were made."""
        return {name: len(pictures) for name, pictures in self._pictures.items()}

    def add_class(self, name: str) -> str:
        """A new, empty class. Returns its name as it is kept, without blanks around it.

        Raises: DataError if the name cannot be a folder's, is taken, or is one too many.
        """
        name = " ".join(name.split())
        _check_name(name)
        if name.casefold() in (known.casefold() for known in self._pictures):
            raise DataError(f"There is a class {name!r} already: choose another name.")
        if len(self._pictures) >= MAX_CLASSES:
            raise DataError(f"There are {MAX_CLASSES} classes, which is the limit: remove one first.")
        self._pictures[name] = []
        return name

    def remove_class(self, name: str) -> None:
        """Forget a class and its pictures."""
        for path in self._pictures.pop(name, []):
            path.unlink(missing_ok=True)

    def add(self, name: str, source: bytes | BinaryIO) -> None:
        """One more picture of a class.

        Raises: PictureError if it cannot be opened, DataError if there is no such class or no more room.
        """
        if name not in self._pictures:
            raise DataError(f"There is no class {name!r}: make it first.")
        if sum(self.counts.values()) >= PICTURES_CAP:
            raise DataError(f"{PICTURES_CAP:,} photographs are the most that can be brought one by one: zip folders.")
        picture = Image.fromarray(open_picture(source))
        picture.thumbnail((MAX_SIZE, MAX_SIZE), SMOOTH)
        self._made += 1
        path = self._folder / f"{self._made}.jpg"
        picture.save(path, quality=95)
        self._pictures[name].append(path)

    def remove_last(self, name: str) -> None:
        """Forget the newest picture of a class."""
        if self._pictures.get(name):
            self._pictures[name].pop().unlink(missing_ok=True)

    def newest(self, name: str, count: int, side: int) -> list[np.ndarray]:
        """The last few pictures of a class, the newest first, squashed to uint8 (side, side, 3)."""
        paths = self._pictures.get(name, [])[: -count - 1 : -1]
        return [np.array(Image.open(path).resize((side, side), SMOOTH)) for path in paths]

    @property
    def lacking(self) -> str:
        """What is still needed before a network can learn from it, as a sentence; empty if nothing is."""
        if len(self._pictures) < MIN_CLASSES:
            return f"Telling apart takes {MIN_CLASSES} classes: name {MIN_CLASSES - len(self._pictures)} more."
        poor = [name for name, count in self.counts.items() if count < MIN_PICTURES]
        if poor:
            return f"Each class needs at least {MIN_PICTURES} pictures: {', '.join(poor)} has fewer."
        return ""

    def write_zip(self, file: BinaryIO) -> int:
        """Write the classes as a zip of folders. Returns its size in bytes.

        Raises: DataError if something is `lacking`.
        """
        if self.lacking:
            raise DataError(self.lacking)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for name, paths in self._pictures.items():
                for number, path in enumerate(paths, start=1):
                    archive.write(path, f"{name}/{number}.jpg")
        return file.tell()


def _check_name(name: str) -> None:
    if not name:
        raise DataError("A class needs a name, such as “mug”.")
    if len(name) > NAME_CAP:
        raise DataError(f"This name has {len(name)} letters and the limit is {NAME_CAP}: shorten it.")
    wrong = [letter for letter in name if letter in FORBIDDEN or not letter.isprintable()]
    if wrong or name.startswith((".", "__MACOSX")):
        what = f"the character {wrong[0]!r}" if wrong else "such a beginning"
        raise DataError(f"{name!r} cannot be the name of a folder because of {what}: use letters and numbers.")
