"""Opening an archive by what it is, whatever its name says."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from core.datasets.layout.listing import SourceContents
from core.datasets.reading.containers.zip_archive import open_zip


def open_archive(archive: Path | BinaryIO, name: str = "archive") -> SourceContents:
    """The files of an archive, to be read one by one in memory.

    Raises: DataError if it is no archive, is damaged or encrypted, or is built to burst when unpacked.
    """
    return open_zip(archive, name)
