"""Decoded pictures kept on disk by content and size, mapped into memory when they are wanted again."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path

import torch

from core.datasets.cachedir import alone, cache_folder
from core.datasets.dataset import Pictures, Progress, Refusal, needed_bytes
from core.datasets.reading.decoding import decode
from core.datasets.reading.sources import Candidate, Listing
from core.errors import DataError

FORMAT = 1  # to be raised whenever the same files would be decoded to other pictures
ROOM = 500_000_000  # bytes of disk that stay free
KEPT_CAP = 20_000_000_000  # bytes of all kept sets; the longest unused go first


def decoded_once(listing: Listing, chosen: list[Candidate], size: int, progress: Progress | None) -> Pictures | None:
    """The set as it was decoded before, by whomever, or decoded now and kept. None if the disk has no room for it.

    Its `images` are mapped, not read: they cost memory only where they are looked at, and then only as long as
    nothing else needs it. Safe with any number of processes: one decodes, the others wait.
    """
    try:
        folder = cache_folder("decoded")
        needed = needed_bytes(len(chosen), size)
        place = folder / _key(listing, chosen, size)
        if not place.exists() and shutil.disk_usage(folder).free < needed + ROOM:
            return None
    except (OSError, DataError):  # a machine that lets us write nowhere
        return None
    with alone(place, lambda: progress(0, len(chosen)) if progress else None):
        if not place.exists():
            _decode_into(place, listing, chosen, size, progress)
            _forget_old(folder, keep=place)
        return _open(place, listing.name)


def _key(listing: Listing, chosen: list[Candidate], size: int) -> str:
    files = [(candidate.path, candidate.stamp) for candidate in chosen]
    content = json.dumps([FORMAT, size, files, listing.ignored, listing.classes])
    return hashlib.blake2b(content.encode(errors="surrogatepass"), digest_size=16).hexdigest()


def _decode_into(place: Path, listing: Listing, chosen: list[Candidate], size: int, progress: Progress | None) -> None:
    """Decode straight into a file, then rename the finished folder into place: whole or not at all."""
    half = Path(tempfile.mkdtemp(prefix="half-", dir=place.parent))
    try:
        count = needed_bytes(len(chosen), size)
        block = torch.from_file(str(half / "images.u8"), shared=True, size=count, dtype=torch.uint8)
        pictures = decode(listing, chosen, block.view(-1, 3, size, size), progress)
        rest = {field.name: getattr(pictures, field.name) for field in dataclasses.fields(pictures)}
        rest["refused"] = [{f.name: getattr(r, f.name) for f in dataclasses.fields(r)} for r in pictures.refused]
        rest["images"] = tuple(pictures.images.shape)
        del rest["file"]
        torch.save(rest, half / "rest.pt")
        half.rename(place)
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _open(place: Path, name: str) -> Pictures:
    os.utime(place)  # used just now
    rest = torch.load(place / "rest.pt", weights_only=True)
    shape = torch.Size(rest["images"])
    file = place / "images.u8"
    images = torch.from_file(str(file), shared=False, size=shape.numel(), dtype=torch.uint8)
    refused = tuple(Refusal(**values) for values in rest["refused"])
    return Pictures(**rest | {"name": name, "images": images.view(shape), "refused": refused, "file": file})


def _forget_old(folder: Path, keep: Path) -> None:
    """Remove the sets that nobody has used for longest until the rest fits. Whoever has one mapped keeps reading it."""
    sets = [path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("half-")]
    sizes = {path: sum(file.stat().st_size for file in path.iterdir()) for path in sets}
    for path in sorted(sets, key=lambda path: path.stat().st_mtime):
        if sum(sizes.values()) <= KEPT_CAP:
            return
        if path != keep:
            shutil.rmtree(path, ignore_errors=True)
            del sizes[path]
