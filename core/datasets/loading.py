"""From a name, a folder or an archive to decoded pictures, in parallel. What cannot be read is reported."""

from __future__ import annotations

import hashlib
import io
import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch

from core.datasets.builtin import BUILT_IN
from core.datasets.pictures import Pictures, Progress, Refusal, check_size, needed_bytes
from core.datasets.sources import Candidate, Listing, classes_of, list_folder, list_zip
from core.errors import DataError, PictureError
from core.images import open_square

Source = str | Path | bytes | BinaryIO

MAX_CLASSES = 20
MEMORY_CAP = 2_000_000_000


def load(
    source: Source, size: int, seed: int = 0, limit: int | None = None, progress: Progress | None = None
) -> Pictures:
    """Labelled pictures of size x size: a built-in set by name, or a folder or zip of class folders.

    A picture is squashed to the square, not cropped. Every file is really decoded. `limit` keeps at most so many,
    chosen evenly from the classes by `seed` (which also rolls the dice of drawn sets).

    Args: a key of `BUILT_IN`, a path, the bytes of a zip or an open zip; `progress(done, total)` may raise to cancel.
    Raises: DataError if that yields no set of 2 to 20 classes with 2 pictures each, or one that is too large.
    """
    check_size(size)
    if limit is not None and limit < 2:
        raise DataError(f"A limit of {limit} leaves nothing to compare: allow at least 2 pictures.")
    if isinstance(source, str) and source in BUILT_IN:
        return BUILT_IN[source].build(size, seed, limit, progress)
    name, listing = _listed(source)
    return decode(listing, size, name=name, seed=seed, limit=limit, progress=progress)


def decode(
    listing: Listing,
    size: int,
    *,
    name: str = "",
    seed: int = 0,
    limit: int | None = None,
    progress: Progress | None = None,
) -> Pictures:
    """Decode what a source lists; see `load`."""
    classes = classes_of(listing.candidates)
    _check_classes(classes)
    chosen = _chosen(listing.candidates, limit, seed)
    _check_memory(len(chosen), size)
    images = torch.empty(len(chosen), 3, size, size, dtype=torch.uint8)
    kept, refused = [], []
    for place, refusal in enumerate(_fill(images, chosen)):
        kept.append(place) if refusal is None else refused.append(refusal)
        if progress and (place % 32 == 31 or place + 1 == len(chosen)):
            progress(place + 1, len(chosen))
    for new, old in enumerate(kept):  # close the gaps in place: a second copy might not fit
        if new != old:
            images[new] = images[old]
    images, files = images[: len(kept)], [chosen[place] for place in kept]
    labels = torch.tensor([classes.index(file.class_name) for file in files], dtype=torch.int64)
    _check_counts(classes, labels, refused)
    paths = tuple(file.path for file in files)
    return Pictures(name, images, labels, classes, paths, _copies(images), tuple(refused), listing.ignored)


def _listed(source: Source) -> tuple[str, Listing]:
    """What to call a source, and what it holds."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return "archive", list_zip(io.BytesIO(source))
    if not isinstance(source, (str, Path)):
        return Path(getattr(source, "name", "archive")).stem, list_zip(source)
    path = Path(source).expanduser()
    if path.is_dir():
        return path.name, list_folder(path)
    if path.is_file():
        return path.stem, list_zip(path)
    known = ", ".join(BUILT_IN)
    raise DataError(f"There is no data set {str(source)!r}: give {known}, or the path of a folder or zip of folders.")


def _fill(images: torch.Tensor, chosen: list[Candidate]) -> Iterator[Refusal | None]:
    """Decode each candidate into its place, all cores at once; yields in order None or why it was refused."""
    size = images.shape[-1]

    def work(place: int) -> Refusal | None:
        candidate = chosen[place]
        try:
            square = open_square(candidate.read(), size)
        except PictureError as error:
            reason = getattr(error, "reason", "not a picture")
            return Refusal(candidate.path, candidate.class_name, reason, str(error))
        images[place] = torch.from_numpy(square).permute(2, 0, 1)
        return None

    pool = ThreadPoolExecutor(max_workers=_cores(), thread_name_prefix="decode")
    try:
        yield from pool.map(work, range(len(chosen)))
    finally:  # also when the caller cancels
        pool.shutdown(wait=True, cancel_futures=True)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _chosen(candidates: tuple[Candidate, ...], limit: int | None, seed: int) -> list[Candidate]:
    """All, or `limit` of them: the classes take turns, each in an order shuffled by `seed`."""
    if limit is None or limit >= len(candidates):
        return list(candidates)
    shuffled = np.random.default_rng(seed).permutation(len(candidates))
    turn_of: Counter[str] = Counter()
    turns = []
    for place in shuffled.tolist():
        class_name = candidates[place].class_name
        turns.append((turn_of[class_name], class_name, place))
        turn_of[class_name] += 1
    return [candidates[place] for place in sorted(place for _, _, place in sorted(turns)[:limit])]


def _copies(images: torch.Tensor) -> torch.Tensor:
    """A number for each picture (N,), the same for those whose decoded pixels are the same."""
    first: dict[bytes, int] = {}
    digests = (hashlib.blake2b(image.numpy(), digest_size=16).digest() for image in images)
    return torch.tensor([first.setdefault(digest, place) for place, digest in enumerate(digests)], dtype=torch.int64)


def _check_classes(classes: tuple[str, ...]) -> None:
    layout = "put each class's pictures into a folder of its own, such as Cat/1.jpg and Dog/1.jpg"
    if not classes:
        raise DataError(f"No pictures in class folders were found: {layout}.")
    if len(classes) == 1:
        raise DataError(f"Only one class was found, {classes[0]!r}, and telling apart takes two: {layout}.")
    if len(classes) > MAX_CLASSES:
        raise DataError(f"{len(classes)} classes were found and the limit is {MAX_CLASSES}: remove some folders.")


def _check_memory(count: int, size: int) -> None:
    needed = needed_bytes(count, size)
    if needed > MEMORY_CAP:
        room = MEMORY_CAP // needed_bytes(1, size)
        raise DataError(
            f"{count:,} pictures of {size}x{size} take {needed / 1e9:.1f} GB and the limit is "
            f"{MEMORY_CAP / 1e9:.0f} GB: use smaller pictures, or at most {room:,} of them."
        )


def _check_counts(classes: tuple[str, ...], labels: torch.Tensor, refused: list[Refusal]) -> None:
    counts = torch.bincount(labels, minlength=len(classes)).tolist()
    for name, count in zip(classes, counts, strict=True):
        if count < 2:
            why = Counter(refusal.reason for refusal in refused if refusal.class_name == name)
            left_out = "".join(f", {number} left out: {reason}" for reason, number in why.items())
            raise DataError(
                f"Class {name!r} has {count} usable picture{'s' * (count != 1)}{left_out}: "
                "it takes at least 2, one to learn from and one to check."
            )
