"""Published archives of other kinds -> a ZIP of class folders, read in one pass and never unpacked to disk.

`check_cancelled()` is called at every image, and may raise to give up.
"""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

CIFAR_RECORD = 1 + 3 * 32 * 32  # a label, then red, green and blue planes
CIFAR_PETS = {3: "cat", 5: "dog"}
FILE_CAP = 100_000_000


def oxford_pets(archive: Path, target: Path, check_cancelled: Callable[[], None]) -> None:
    """images/Abyssinian_1.jpg -> cat/Abyssinian_1.jpg: the set writes breeds of cats with a capital, dogs without."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as out:
        for name, data in _files(archive):
            check_cancelled()
            if name.lower().endswith((".jpg", ".jpeg")):
                out.writestr(f"{'cat' if name[0].isupper() else 'dog'}/{name}", data)


def cifar_pets(archive: Path, target: Path, check_cancelled: Callable[[], None]) -> None:
    """The binary form of CIFAR-10 -> cat/train-0.png and so on; the other eight classes are left out."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as out:
        for name, data in _files(archive):
            check_cancelled()
            if not name.endswith(".bin"):
                continue
            records = np.frombuffer(data, dtype=np.uint8).reshape(-1, CIFAR_RECORD)
            for row in np.flatnonzero(np.isin(records[:, 0], list(CIFAR_PETS))):
                check_cancelled()
                pixels = records[row, 1:].reshape(3, 32, 32).transpose(1, 2, 0)
                kind, batch = CIFAR_PETS[int(records[row, 0])], name.removesuffix(".bin")
                out.writestr(f"{kind}/{batch}-{row}.png", _png(pixels))


def _files(archive: Path) -> Iterator[tuple[str, bytes]]:
    """The name, without its folders, and content of every file of a tar.gz that is not hidden."""
    with tarfile.open(archive, "r|gz") as opened:
        for member in opened:
            name = PurePosixPath(member.name).name
            file = opened.extractfile(member) if member.isfile() and member.size <= FILE_CAP else None
            if file is not None and not name.startswith("."):
                yield name, file.read()


def _png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
