"""Decoded images kept on disk by content and size, and mapped into memory when they are needed again."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from core import file_tensors
from core.datasets.cachedir import cache_folder, exclusively
from core.datasets.dataset import ImageDataset, Progress, SkippedFile, needed_bytes
from core.datasets.layout.listing import Candidate, Listing
from core.datasets.reading.decoded_files import FORMAT, DecodedFiles
from core.datasets.reading.decoding import decode
from core.datasets.reading.disk_space import has_room, reserve
from core.errors import DataError
from core.limits import limits
from core.storage_errors import is_storage_error

HALF, HALF_S = "half-", 86_400.0  # how a folder begins that is not finished, and when its process must be dead
NAMESAKES = 3  # datasets of the same name whose images are looked through for files that are decoded already
CACHE_CAP = limits().decoded_bytes  # bytes of all datasets in it; the longest unused go first


def load_cached(
    listing: Listing,
    chosen: list[Candidate],
    size: int,
    progress: Progress | None,
    own: Path | None = None,
    reuse: Sequence[ImageDataset] = (),
) -> ImageDataset | None:
    """The dataset as it was decoded before, or decoded now and kept. None if the disk has no room for it.

    Its `images` are mapped, not read: they take memory only where they are used, and then only as long as
    nothing else needs it. Safe with any number of processes: one decodes, the others wait. What is kept lies in the
    folder `own`, or in one for all users, from which the longest unused go. Files are not decoded again that are in
    one of `reuse`, or in a dataset of the same name that is kept there.
    """
    try:
        folder = own or cache_folder("decoded")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        target = folder / _key(listing, chosen, size)
        if not target.exists() and not has_room(folder, needed_bytes(len(chosen), size)):
            return None
    except (OSError, DataError):  # a machine that lets us write nowhere
        return None
    try:
        with exclusively(target, lambda: progress(0, len(chosen)) if progress else None):
            if (known := _open_whole(target, listing.name)) is not None:
                return known
            before = DecodedFiles([*reuse, *_namesakes(folder, listing.name, size)], size)
            _decode_into(target, listing, chosen, size, progress, before)
            if own is None:
                _evict(folder, keep=target)
            return _open(target, listing.name)
    except OSError as error:
        if is_storage_error(error):  # a disk that is full
            return None
        raise


def _key(listing: Listing, chosen: list[Candidate], size: int) -> str:
    files = [(candidate.path, candidate.stamp, candidate.class_name, candidate.split) for candidate in chosen]
    others = [list(listing.left_out.items()), listing.empty, listing.notes]
    content = json.dumps([FORMAT, size, files, listing.ignored, listing.classes, others])
    return hashlib.blake2b(content.encode(errors="surrogatepass"), digest_size=16).hexdigest()


def _namesakes(folder: Path, name: str, size: int) -> Iterator[ImageDataset]:
    """The datasets of that name and size that were used last; a file in each says what they are."""
    marks = (mark.parent for mark in folder.glob(f"*/{_mark(name, size)}"))
    usable = {path: changed for path in marks if not path.name.startswith(HALF) and (changed := _used_ns(path))}
    newest = sorted(usable, key=usable.__getitem__, reverse=True)[:NAMESAKES]
    return (data for path in newest if (data := _open_whole(path, name)) is not None)


def _mark(name: str, size: int) -> str:
    content = f"{FORMAT} {size} {name}"
    return f"of-{hashlib.blake2b(content.encode(errors='surrogatepass'), digest_size=8).hexdigest()}"


def _used_ns(folder: Path) -> int:
    """When a dataset was used last, in nanoseconds since 1970; 0 if it is gone."""
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


def _decode_into(
    target: Path,
    listing: Listing,
    chosen: list[Candidate],
    size: int,
    progress: Progress | None,
    before: DecodedFiles,
) -> None:
    """Decode straight into a file, then rename the finished folder into place: whole or not at all.

    Raises: OSError if the disk turns out to have no room for it.
    """
    half = Path(tempfile.mkdtemp(prefix=HALF, dir=target.parent))
    count = needed_bytes(len(chosen), size)
    try:
        reserve(half / "images.u8", count)
        block = torch.from_file(str(half / "images.u8"), shared=True, size=count, dtype=torch.uint8)
        data = decode(listing, chosen, block.view(-1, 3, size, size), progress, before)
        about = io.BytesIO()  # torch's own writer says of a full disk something else than an OSError
        torch.save(all_but_pixels(data), about)
        (half / "rest.pt").write_bytes(about.getbuffer())
        (half / _mark(listing.name, size)).touch()
        half.rename(target)
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _open(folder: Path, name: str) -> ImageDataset:
    os.utime(folder)  # used just now
    return dataclasses.replace(with_pixels(folder / "rest.pt", folder / "images.u8"), name=name)


def _open_whole(folder: Path, name: str) -> ImageDataset | None:
    """The dataset in a folder; None if there is none. A damaged one is removed."""
    if not folder.exists():
        return None
    try:
        return _open(folder, name)
    except Exception:  # torch.load has no error of its own: a cut file, a text and a picture raise all kinds
        shutil.rmtree(folder, ignore_errors=True)
        return None


def all_but_pixels(data: ImageDataset) -> dict[str, Any]:
    """What `with_pixels` makes the dataset of again: plain values and tensors, the shape of its `images` instead."""
    refused = [vars(file) for file in data.refused]
    return vars(data) | {"refused": refused, "images": tuple(data.images.shape), "file": None}


def with_pixels(path: Path, pixels: Path) -> ImageDataset:
    """A dataset whose `all_but_pixels` are saved at `path`, its images mapped: they stay on disk until looked at."""
    values = torch.load(path, weights_only=True)
    images = file_tensors.read_in_place(pixels, values["images"], torch.uint8)
    refused = tuple(SkippedFile(**file) for file in values["refused"])
    return ImageDataset(**values | {"images": images, "refused": refused, "file": pixels})


def _evict(folder: Path, keep: Path) -> None:
    """Remove the datasets that were not used for longest until the rest fits. One that is mapped stays readable.

    Halves of processes that were killed go as well.
    """
    folders = [path for path in folder.iterdir() if path.is_dir()]
    for path in folders:
        if path.name.startswith(HALF) and path.stat().st_mtime < time.time() - HALF_S:
            shutil.rmtree(path, ignore_errors=True)
    datasets = [path for path in folders if not path.name.startswith(HALF)]
    sizes = {path: sum(file.stat().st_size for file in path.iterdir()) for path in datasets}
    for path in sorted(datasets, key=lambda path: path.stat().st_mtime):
        if sum(sizes.values()) <= CACHE_CAP:
            return
        if path != keep:
            shutil.rmtree(path, ignore_errors=True)
            del sizes[path]
