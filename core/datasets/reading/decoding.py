"""Decoding what a source lists, on all cores at once, into one block of pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from torch import Tensor

from core import cpu_count
from core.datasets.dataset import Pictures, Progress, Refusal
from core.datasets.inspecting.duplicates import near_copies
from core.datasets.reading.sources import Candidate, Listing
from core.errors import DataError, PictureError
from core.images import read_picture, salvage, square_of

MAX_CLASSES = 20
THUMBNAIL = 96
JFIF_LOOKS_AT = 10  # bytes: what the well-known clean-up loop looks at

Allocate = Callable[[int], Tensor]  # number of pictures -> uint8 (N, 3, size, size)


def chosen_of(listing: Listing, limit: int | None, seed: int) -> list[Candidate]:
    """All candidates, or `limit` of them: the classes take turns, each in an order shuffled by `seed`.

    Raises: DataError unless there are 2 to 20 classes.
    """
    check_classes(listing.classes)
    candidates = listing.candidates
    if limit is None or limit >= len(candidates):
        return list(candidates)
    turn_of: Counter[str] = Counter()
    turns = []
    for place in np.random.default_rng(seed).permutation(len(candidates)).tolist():
        class_name = candidates[place].class_name
        turns.append((turn_of[class_name], class_name, place))
        turn_of[class_name] += 1
    return [candidates[place] for place in sorted(place for _, _, place in sorted(turns)[:limit])]


def decode(listing: Listing, chosen: list[Candidate], images: Tensor, progress: Progress | None) -> Pictures:
    """Decode the chosen files of a listing into `images`, uint8 (N, 3, size, size); the gaps of refused ones close.

    Raises: DataError if a class is left with fewer than 2 pictures; whatever `progress` raises.
    """
    kept, refused, notes = [], [], []
    for place, outcome in enumerate(_outcomes(images, chosen)):
        if isinstance(outcome, Refusal):
            refused.append(outcome)
        else:
            images[len(kept)] = images[place]  # in place: a second block might not fit
            kept.append(chosen[place])
            notes.append(outcome)
        if progress and (place % 32 == 31 or place + 1 == len(chosen)):
            progress(place + 1, len(chosen))
    labels = torch.tensor([listing.classes.index(file.class_name) for file in kept], dtype=torch.int64)
    _check_counts(listing.classes, labels, refused)
    images = images[: len(kept)]
    return Pictures(
        name=listing.name,
        images=images,
        labels=labels,
        classes=listing.classes,
        paths=tuple(file.path for file in kept),
        groups=near_copies(images),
        refused=tuple(refused),
        ignored=listing.ignored,
        originals=torch.tensor([shape for shape, _ in notes], dtype=torch.int64),
        jfif=torch.tensor([jfif for _, jfif in notes]),
    )


Note = tuple[tuple[int, int], bool]  # original height and width; begins as JFIF


def _outcomes(images: Tensor, chosen: list[Candidate]) -> Iterator[Note | Refusal]:
    """Decode each candidate into its place; yields in order a note about it, or why it was refused.

    In threads, since decoders let go of Python's lock: two processes took 1.3 times as long as two threads.
    """
    pool = ThreadPoolExecutor(max_workers=cpu_count.allowed(), thread_name_prefix="decode")
    try:
        yield from pool.map(lambda place: _decode_one(chosen[place], images[place]), range(len(chosen)))
    finally:  # also when the caller cancels
        pool.shutdown(wait=True, cancel_futures=True)


def _decode_one(candidate: Candidate, image: Tensor) -> Note | Refusal:
    data = b""
    try:
        data = read_picture(candidate.read())
        square, original = square_of(data, image.shape[-1])
    except PictureError as error:
        reason, seen = getattr(error, "reason", "not a picture"), salvage(data, THUMBNAIL)
        thumbnail = None if seen is None else torch.from_numpy(seen).permute(2, 0, 1).contiguous()
        return Refusal(candidate.path, candidate.class_name, reason, str(error), _is_jfif(data), thumbnail)
    image.copy_(torch.from_numpy(square).permute(2, 0, 1))
    return original, _is_jfif(data)


def _is_jfif(data: bytes) -> bool:
    return b"JFIF" in data[:JFIF_LOOKS_AT]


def check_classes(classes: tuple[str, ...]) -> None:
    """Raises: DataError unless there are 2 to 20."""
    layout = "put each class's pictures into a folder of its own, such as Cat/1.jpg and Dog/1.jpg"
    if not classes:
        raise DataError(f"No pictures in class folders were found: {layout}.")
    if len(classes) == 1:
        raise DataError(f"Only one class was found, {classes[0]!r}, and telling apart takes two: {layout}.")
    if len(classes) > MAX_CLASSES:
        raise DataError(f"{len(classes)} classes were found and the limit is {MAX_CLASSES}: remove some folders.")


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
