"""The files under a folder of this machine."""

from __future__ import annotations

import functools
import os
from pathlib import Path

from core.datasets.layout.listing import SourceContents, SourceFile
from core.datasets.reading.containers.limits import ENTRY_CAP, HEAD
from core.errors import DataError
from core.images import read_picture


def open_folder(folder: Path) -> SourceContents:
    """The files under a folder; links are not followed.

    Raises: DataError if it is no folder or holds too many files.
    """
    if not folder.is_dir():
        raise DataError(f"The folder {folder} does not exist: check the name.")
    files: dict[str, SourceFile] = {}
    folders: set[str] = set()
    for parent, names_of_folders, names in os.walk(folder):
        folders |= {Path(parent, name).relative_to(folder).as_posix() for name in names_of_folders}
        for name in names:
            path = Path(parent, name)
            if path.is_file() and not path.is_symlink():
                files[path.relative_to(folder).as_posix()] = _stored(path)
        if len(files) > ENTRY_CAP:
            raise DataError(f"{folder} holds more than {ENTRY_CAP:,} files: choose a smaller folder.")
    return SourceContents(folder.name, files, tuple(sorted(folders)))


def _stored(path: Path) -> SourceFile:
    about = path.stat()
    stamp = f"{about.st_size} {about.st_mtime_ns}"
    return SourceFile(functools.partial(read_picture, path), stamp, functools.partial(_head, path), about.st_size)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD)
    except OSError:
        return b""
