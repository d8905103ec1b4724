"""How a script opens the images that somebody brings: short functions that need Python alone, taken into the script."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO


def opened(where: Path) -> Callable[[str], bytes]:
    """Path of a file -> its bytes, in a folder, a ZIP, a tar, or an archive of archives."""
    if where.is_dir():
        return lambda path: Path(where, path).read_bytes()
    files = archived(where.open("rb"))
    return lambda path: files[path]()


def archived(file: BinaryIO) -> dict[str, Callable[[], bytes]]:
    """Path -> what reads that file; those of an archive inside are under its name without suffix."""
    files: dict[str, Callable[[], bytes]] = {}
    for name, read in members(file):
        path = "/".join(part for part in name.replace("\\", "/").split("/") if part not in ("", "."))
        suffix = next((end for end in (".zip", ".tar", ".tar.gz", ".tgz") if path.lower().endswith(end)), "")
        if suffix:
            inside = archived(io.BytesIO(read()))
            files |= {f"{path[: -len(suffix)]}/{inner}": one for inner, one in inside.items()}
        else:
            files[path] = read
    return files


def members(file: BinaryIO) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Name and content of each file of an archive; a name without its encoding in each that it may have."""
    if zipfile.is_zipfile(file):
        archive = zipfile.ZipFile(file)
        for entry in archive.infolist():
            names = [entry.filename] if entry.flag_bits & 0x800 else spellings(entry.orig_filename)
            yield from ((name, partial(archive.read, entry)) for name in names if not entry.is_dir())
        return
    file.seek(0)
    tar = tarfile.open(fileobj=file)  # noqa: SIM115
    for member in tar.getmembers():
        if member.isfile():
            yield member.name, partial(lambda one: tar.extractfile(one).read(), member)  # type: ignore[union-attr]


def spellings(name: str) -> list[str]:
    """A name of a ZIP that does not say its encoding, read in those that are common."""
    raw, read = name.encode("cp437", "replace"), [name]
    for encoding in ("utf-8", "gbk", "shift_jis", "big5", "euc_kr", "cp1252"):
        try:
            read.append(raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    return read
