"""Downloading a dataset once for all users of a machine: resumed, verified, and in place whole or not at all."""

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

from core.datasets.cachedir import cache_folder, exclusively
from core.datasets.dataset import Progress
from core.datasets.remote.catalogue import REMOTE, RemoteDataset
from core.errors import DataError

CHUNK = 1 << 18
CHECKED = 1 << 23  # bytes of a checksum between two calls that may cancel
TIMEOUT = 15.0  # seconds of silence after which a connection counts as broken
TRIES = 5  # connections in a row that bring nothing
PAUSE = 1.0  # seconds before the next try
ROOM = 200_000_000  # bytes of disk that stay free


def is_downloaded(name: str) -> bool:
    """Whether a dataset of `REMOTE` is on this machine."""
    try:
        return _target(name).exists()
    except DataError:  # no folder, no downloads
        return False


def downloaded_bytes(name: str) -> int:
    """The bytes of a dataset on this machine from a download that was not finished."""
    try:
        return _size(_target(name).with_suffix(".part"))
    except DataError:
        return 0


def downloaded(name: str) -> Path:
    """The ZIP of a dataset that was downloaded before. Raises: DataError if it was not."""
    target = _target(name)
    if not target.exists():
        size = f"{REMOTE[name].size_bytes / 1e6:,.0f} MB"
        raise DataError(f"{REMOTE[name].title!r} is not on this machine yet: download it first ({size}).")
    return target


def download(name: str, progress: Progress | None = None, entry: RemoteDataset | None = None) -> Path:
    """Fetch a dataset of `REMOTE`, unless it is there, and return its ZIP of class folders.

    What arrived before a break or a cancel is kept, and the next call resumes from there. While somebody else is
    fetching the same dataset, we wait and report their progress.

    Args: `progress(bytes so far, bytes in all)` is called several times per second, also while the archive is verified
    and sorted into classes, and may raise to cancel.
    Raises: DataError if the disk is too full, the server fails for good, or the archive is not the one published.
    """
    entry = entry or REMOTE[name]
    target, part = _target(name), _target(name).with_suffix(".part")
    report = progress or (lambda done, total: None)
    with exclusively(target, lambda: report(_size(part), entry.size_bytes)):
        if not target.exists():
            _check_room(entry, part)
            _fetch(entry, part, report)
            check_cancelled = functools.partial(report, entry.size_bytes, entry.size_bytes)
            _check_content(entry, part, check_cancelled)
            _put_in_place(entry, part, target, check_cancelled)
    report(entry.size_bytes, entry.size_bytes)
    return target


def _target(name: str) -> Path:
    return cache_folder("downloads") / f"{name}.zip"


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _check_room(entry: RemoteDataset, part: Path) -> None:
    needed = entry.size_bytes - _size(part) + entry.repacked_bytes + ROOM
    free = shutil.disk_usage(part.parent).free
    if free < needed:
        raise DataError(
            f"{entry.title!r} needs {needed / 1e6:,.0f} MB of disk space and {free / 1e6:,.0f} MB are free: "
            "free some space, or choose a smaller dataset."
        )


def _fetch(entry: RemoteDataset, part: Path, report: Progress) -> None:
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
                raise DataError(f"{entry.url} responded {error.code} {error.reason}: try again later.") from error
        except (OSError, http.client.HTTPException) as error:  # broken off; what came is kept
            if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
                raise DataError("The disk is full: free some space and try again; what has arrived is kept.") from error
        failures = 0 if _size(part) > before else failures + 1
        if failures == TRIES:
            raise DataError(f"{entry.url} cannot be reached: check the connection; what has arrived is kept.")
        if _size(part) < entry.size_bytes:
            time.sleep(PAUSE)
    if _size(part) > entry.size_bytes:
        raise _changed(entry, part)


def _fetch_some(entry: RemoteDataset, part: Path, report: Progress) -> None:
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


def _changed(entry: RemoteDataset, part: Path) -> DataError:
    part.unlink(missing_ok=True)
    return DataError(f"{entry.url} is no longer the {entry.size_bytes:,} bytes published: the dataset has changed.")


def _continues(response: http.client.HTTPResponse, start: int) -> bool:
    """Whether a response begins at byte `start`."""
    content_range = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return response.status == 206 and content_range is not None and int(content_range.group(1)) == start


def _check_content(entry: RemoteDataset, part: Path, check_cancelled: Callable[[], None]) -> None:
    kind, _, expected = entry.checksum.partition(":")
    if not expected:
        return
    digest = hashlib.new(kind, usedforsecurity=False)
    with part.open("rb") as file:
        while chunk := file.read(CHECKED):
            digest.update(chunk)
            check_cancelled()
    actual = digest.hexdigest()
    if actual != expected:
        part.unlink()
        wrong = f"{kind} {actual} instead of {expected}"
        raise DataError(f"What {entry.url} sent has {wrong}: it was discarded, try again.")


def _put_in_place(entry: RemoteDataset, part: Path, target: Path, check_cancelled: Callable[[], None]) -> None:
    if entry.repack is None:
        os.replace(part, target)
    else:
        half = target.with_suffix(".half")
        try:
            entry.repack(part, half, check_cancelled)
            os.replace(half, target)
        except (tarfile.TarError, EOFError, ValueError, zlib.error) as error:
            part.unlink()
            raise DataError(f"What {entry.url} sent cannot be unpacked: it was discarded, try again.") from error
        finally:
            half.unlink(missing_ok=True)
        part.unlink()
    part.with_suffix(".version").unlink(missing_ok=True)
