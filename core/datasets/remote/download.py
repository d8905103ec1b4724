"""Fetching a set once for all users of a machine: resumed after a break, checked, and in place whole or not at all."""

from __future__ import annotations

import errno
import functools
import hashlib
import http.client
import os
import re
import shutil
import tarfile
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable
from pathlib import Path

from core.datasets.cachedir import alone, cache_folder
from core.datasets.dataset import Progress
from core.datasets.remote.catalogue import REMOTE, Remote
from core.errors import DataError

CHUNK = 1 << 18
CHECKED = 1 << 23  # bytes of a checksum between two looks at whether anybody still waits
TIMEOUT = 15.0  # seconds of silence after which a connection counts as broken
TRIES = 5  # connections in a row that bring nothing
PAUSE = 1.0  # seconds before the next try
ROOM = 200_000_000  # bytes of disk that stay free


def is_downloaded(name: str) -> bool:
    """Whether a set of `REMOTE` is on this machine."""
    try:
        return _place(name).exists()
    except DataError:  # no folder, no downloads
        return False


def arrived_bytes(name: str) -> int:
    """How much of a set is on this machine from a download that was not finished."""
    try:
        return _size(_place(name).with_suffix(".part"))
    except DataError:
        return 0


def downloaded(name: str) -> Path:
    """The zip of a set that was downloaded before. Raises: DataError if it was not."""
    place = _place(name)
    if not place.exists():
        size = f"{REMOTE[name].size_bytes / 1e6:,.0f} MB"
        raise DataError(f"{REMOTE[name].title!r} is not on this machine yet: download it first ({size}).")
    return place


def download(name: str, progress: Progress | None = None, entry: Remote | None = None) -> Path:
    """Fetch a set of `REMOTE`, unless it is there, and return its zip of class folders.

    What arrived before a break or a cancel is kept, and the next call goes on from there. While somebody else is
    fetching the same set, we wait and report their progress.

    Args: `progress(bytes so far, bytes in all)` is called several times a second, also while what came is checked and
    sorted into classes, and may raise to cancel.
    Raises: DataError if the disk is too full, the server fails for good, or what came is not what was published.
    """
    entry = entry or REMOTE[name]
    place, part = _place(name), _place(name).with_suffix(".part")
    report = progress or (lambda done, total: None)
    with alone(place, lambda: report(_size(part), entry.size_bytes)):
        if not place.exists():
            _check_room(entry, part)
            _fetch(entry, part, report)
            going = functools.partial(report, entry.size_bytes, entry.size_bytes)
            _check_content(entry, part, going)
            _put_in_place(entry, part, place, going)
    report(entry.size_bytes, entry.size_bytes)
    return place


def _place(name: str) -> Path:
    return cache_folder("downloads") / f"{name}.zip"


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _check_room(entry: Remote, part: Path) -> None:
    needed = entry.size_bytes - _size(part) + entry.repacked_bytes + ROOM
    free = shutil.disk_usage(part.parent).free
    if free < needed:
        raise DataError(
            f"{entry.title!r} needs {needed / 1e6:,.0f} MB of disk and {free / 1e6:,.0f} MB are free: "
            "make room, or choose a smaller set."
        )


def _fetch(entry: Remote, part: Path, report: Progress) -> None:
    """Bring `part` to its full size, over as many connections as it takes."""
    failures = 0
    while (before := _size(part)) < entry.size_bytes:
        report(before, entry.size_bytes)
        try:
            _fetch_some(entry, part, report)
        except urllib.error.HTTPError as error:
            if error.code == 416:  # our part is longer than their file
                raise _changed(entry, part) from error
            if error.code < 500 and error.code not in (408, 429):
                raise DataError(f"{entry.url} answered {error.code} {error.reason}: try again later.") from error
        except (OSError, http.client.HTTPException) as error:  # broken off; what came is kept
            if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
                raise DataError("The disk is full: make room and try again; what came so far is kept.") from error
        failures = 0 if _size(part) > before else failures + 1
        if failures == TRIES:
            raise DataError(f"{entry.url} cannot be reached: check the connection; what came so far is kept.")
        if _size(part) < entry.size_bytes:
            time.sleep(PAUSE)
    if _size(part) > entry.size_bytes:
        raise _changed(entry, part)


def _fetch_some(entry: Remote, part: Path, report: Progress) -> None:
    """One connection: from where `part` ends until it is whole or the line breaks."""
    start, version = _size(part), part.with_suffix(".version")
    request = urllib.request.Request(entry.url, headers={"User-Agent": "cnn-playground", "Accept-Encoding": "identity"})
    if start:
        request.add_header("Range", f"bytes={start}-")
        if version.exists() and version.read_text():  # if their file is another one by now, they send it from its start
            request.add_header("If-Range", version.read_text())
    with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
        if not _continues(response, start):
            start = 0
            part.unlink(missing_ok=True)
        if response.length is not None and start + response.length != entry.size_bytes:
            raise _changed(entry, part)
        etag = response.headers.get("ETag", "W/")
        version.write_text(response.headers.get("Last-Modified", "") if etag.startswith("W/") else etag)
        with part.open("ab") as file:
            while start <= entry.size_bytes and (chunk := response.read1(CHUNK)):
                file.write(chunk)
                start += len(chunk)
                report(min(start, entry.size_bytes), entry.size_bytes)


def _changed(entry: Remote, part: Path) -> DataError:
    part.unlink(missing_ok=True)
    return DataError(f"{entry.url} is no longer the {entry.size_bytes:,} bytes published: the set has changed.")


def _continues(response: http.client.HTTPResponse, start: int) -> bool:
    """Whether an answer begins at byte `start`."""
    said = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return response.status == 206 and said is not None and int(said.group(1)) == start


def _check_content(entry: Remote, part: Path, going: Callable[[], None]) -> None:
    kind, _, wanted = entry.checksum.partition(":")
    if not wanted:
        return
    digest = hashlib.new(kind, usedforsecurity=False)
    with part.open("rb") as file:
        while chunk := file.read(CHECKED):
            digest.update(chunk)
            going()
    got = digest.hexdigest()
    if got != wanted:
        part.unlink()
        raise DataError(f"What {entry.url} sent has {kind} {got} instead of {wanted}: it was discarded, try again.")


def _put_in_place(entry: Remote, part: Path, place: Path, going: Callable[[], None]) -> None:
    if entry.repack is None:
        os.replace(part, place)
    else:
        half = place.with_suffix(".half")
        try:
            entry.repack(part, half, going)
            os.replace(half, place)
        except (tarfile.TarError, EOFError, ValueError, zlib.error) as error:
            part.unlink()
            raise DataError(f"What {entry.url} sent cannot be unpacked: it was discarded, try again.") from error
        finally:
            half.unlink(missing_ok=True)
        part.unlink()
    part.with_suffix(".version").unlink(missing_ok=True)
