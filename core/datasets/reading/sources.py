"""Single images that belong to no folder and no archive."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping, Sequence
from typing import BinaryIO

from core.datasets.layout.listing import Candidate, Listing
from core.datasets.layout.naming import printable
from core.images import BYTE_CAP


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
