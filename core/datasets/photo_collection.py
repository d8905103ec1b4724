"""Photos added one by one to classes that somebody names: kept small, on disk, and zipped when complete."""

from __future__ import annotations

import io
import shutil
import tempfile
import weakref
import zipfile
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from core.datasets.dataset import MAX_SIZE
from core.errors import DataError, StorageError
from core.images import open_picture
from core.images.resizing import SMOOTH
from core.storage_errors import storage_errors

MIN_CLASSES, MIN_PHOTOS = 2, 2
MAX_CLASSES = 20  # each has a row of its own on the page; an archive may hold more
PHOTOS_CAP = 2_000  # in all classes: some 100 MB of disk
NAME_CAP = 40
FORBIDDEN = '/\\:*?"<>|'  # what some file system or other cannot have in a name


class PhotoCollection:
    """Classes of photos. Its files are removed with the object.

    Photos are upright, in colour, at most 512 pixels long, the largest image size here.
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="cnn-photos-"))
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._photos: dict[str, list[Path]] = {}
        self._count = 0

    @property
    def counts(self) -> dict[str, int]:
        """Images of each class, in the order in which the classes were made."""
        return {name: len(photos) for name, photos in self._photos.items()}

    def add_class(self, name: str) -> str:
        """A new, empty class. Returns its name as it is kept, without blanks around it.

        Raises: DataError if the name cannot be a folder's, is taken, or is one too many.
        """
        name = " ".join(name.split())
        _check_name(name)
        if name.casefold() in (known.casefold() for known in self._photos):
            raise DataError(f"A class {name!r} exists already: choose another name.")
        if len(self._photos) >= MAX_CLASSES:
            raise DataError(f"{MAX_CLASSES} classes are the limit: remove one first.")
        self._photos[name] = []
        return name

    def remove_class(self, name: str) -> None:
        for path in self._photos.pop(name, []):
            path.unlink(missing_ok=True)

    def add(self, name: str, source: bytes | BinaryIO) -> None:
        """One more image of a class.

        Raises: PictureError if it cannot be opened, DataError if there is no such class or no more room, StorageError
        if the disk refuses.
        """
        if name not in self._photos:
            raise DataError(f"There is no class {name!r}: add it first.")
        if sum(self.counts.values()) >= PHOTOS_CAP:
            raise DataError(f"{PHOTOS_CAP:,} photos are the limit for single uploads: upload a ZIP instead.")
        photo = Image.fromarray(open_picture(source))
        photo.thumbnail((MAX_SIZE, MAX_SIZE), SMOOTH)
        self._count += 1
        path = self._folder / f"{self._count}.jpg"
        content = io.BytesIO()  # written to a file by Pillow, half a picture on a full disk would pass for a whole one
        photo.save(content, "JPEG", quality=95)
        try:
            with storage_errors():
                path.write_bytes(content.getbuffer())
        except StorageError:
            path.unlink(missing_ok=True)
            raise
        self._photos[name].append(path)

    def remove_last(self, name: str) -> None:
        if self._photos.get(name):
            self._photos[name].pop().unlink(missing_ok=True)

    def newest(self, name: str, count: int, size: int) -> list[np.ndarray]:
        """The last few images of a class, the newest first, resized to uint8 (size, size, 3)."""
        paths = self._photos.get(name, [])[: -count - 1 : -1]
        return [np.array(Image.open(path).resize((size, size), SMOOTH)) for path in paths]

    @property
    def missing(self) -> str:
        """What is still needed before a network can be trained on it, as a sentence; empty if nothing is."""
        if len(self._photos) < MIN_CLASSES:
            return f"At least {MIN_CLASSES} classes are needed: add {MIN_CLASSES - len(self._photos)} more."
        too_small = [name for name, count in self.counts.items() if count < MIN_PHOTOS]
        if too_small:
            return f"Each class needs at least {MIN_PHOTOS} images; too few: {', '.join(too_small)}."
        return ""

    def write_zip(self, file: BinaryIO) -> int:
        """Write the classes as a zip of folders. Returns its size in bytes.

        Raises: DataError if something is `missing`.
        """
        if self.missing:
            raise DataError(self.missing)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for name, paths in self._photos.items():
                for number, path in enumerate(paths, start=1):
                    archive.write(path, f"{name}/{number}.jpg")
        return file.tell()


def _check_name(name: str) -> None:
    if not name:
        raise DataError("A class needs a name, such as “mug”.")
    if len(name) > NAME_CAP:
        raise DataError(f"This name has {len(name)} characters and the limit is {NAME_CAP}: shorten it.")
    wrong = [letter for letter in name if letter in FORBIDDEN or not letter.isprintable()]
    if wrong or name.startswith((".", "__MACOSX")):
        what = f"the character {wrong[0]!r}" if wrong else "its beginning"
        raise DataError(f"{name!r} cannot be the name of a folder because of {what}: use letters and digits.")
