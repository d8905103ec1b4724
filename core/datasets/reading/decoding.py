"""Decoding the files of a source, on all cores at once, into one block of images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from core import cpu_count
from core.datasets.dataset import ImageDataset, Progress, SkippedFile
from core.datasets.inspecting.duplicates import near_duplicates
from core.datasets.layout.listing import SPLITS, Candidate, Listing
from core.errors import DataError, PictureError
from core.images import read_picture, salvage, square_of

MAX_CLASSES = 20
THUMBNAIL = 96
JFIF_HEADER = 10  # bytes: what the clean-up loop of many tutorials checks


def limited(listing: Listing, limit: int | None, seed: int) -> list[Candidate]:
    """All candidates, or `limit` of them: the classes take turns, each in an order shuffled by `seed`.

    Raises: DataError unless there are 2 to 20 classes.
    """
    check_classes(listing)
    candidates = listing.candidates
    if limit is None or limit >= len(candidates):
        return list(candidates)
    turn_of: Counter[str] = Counter()
    turns = []
    for index in np.random.default_rng(seed).permutation(len(candidates)).tolist():
        class_name = candidates[index].class_name
        turns.append((turn_of[class_name], class_name, index))
        turn_of[class_name] += 1
    return [candidates[index] for index in sorted(index for _, _, index in sorted(turns)[:limit])]


def decode(listing: Listing, chosen: list[Candidate], images: Tensor, progress: Progress | None) -> ImageDataset:
    """Decode the chosen files of a listing into `images`, uint8 (N, 3, size, size), without gaps for skipped ones.

    Raises: DataError if a class is left with fewer than 2 images; whatever `progress` raises.
    """
    decoded: list[tuple[Candidate, DecodedFile]] = []
    skipped: list[SkippedFile] = []
    for index, result in enumerate(_decode_all(images, chosen)):
        if isinstance(result, SkippedFile):
            skipped.append(result)
        else:
            images[len(decoded)] = images[index]  # in place: a second block might not fit
            decoded.append((chosen[index], result))
        if progress and (index % 32 == 31 or index + 1 == len(chosen)):
            progress(index + 1, len(chosen))
    number_of = {name: number for number, name in enumerate(listing.classes)}
    labels = torch.tensor([number_of[file.class_name] for file, _ in decoded], dtype=torch.int64)
    _check_counts(listing.classes, labels, skipped)
    images = images[: len(decoded)]
    return ImageDataset(
        name=listing.name,
        images=images,
        labels=labels,
        classes=listing.classes,
        paths=tuple(file.path for file, _ in decoded),
        groups=near_duplicates(images),
        refused=(*skipped, *map(_empty_folder, listing.empty)),
        ignored=listing.ignored,
        originals=torch.tensor([result.size for _, result in decoded], dtype=torch.int64),
        jfif=torch.tensor([result.jfif for _, result in decoded]),
        given_split=_given_split([file for file, _ in decoded]),
        notes=listing.notes,
        left_out=dict(listing.left_out),
    )


def _given_split(decoded: list[Candidate]) -> Tensor | None:
    """int64 (N,): the place in `SPLITS` of each file's split, -1 if its layout says none; None if it says so of all."""
    if not any(file.split for file in decoded):
        return None
    return torch.tensor([SPLITS.index(file.split) if file.split else -1 for file in decoded], dtype=torch.int64)


def _empty_folder(path: str) -> SkippedFile:
    name = path.rsplit("/", 1)[-1]
    return SkippedFile(path, name, "empty folder", f"The folder {path} holds no images: it is not used as a class.")


class DecodedFile(NamedTuple):
    """Original height and width, and whether the file begins as JFIF does."""

    size: tuple[int, int]
    jfif: bool


def _decode_all(images: Tensor, chosen: list[Candidate]) -> Iterator[DecodedFile | SkippedFile]:
    """Decode each candidate into its row of `images`; the results come in order.

    In threads, since decoders release Python's lock: two processes took 1.3 times as long as two threads.
    """
    pool = ThreadPoolExecutor(max_workers=cpu_count.allowed(), thread_name_prefix="decode")
    try:
        yield from pool.map(_decode_one, chosen, images)
    finally:  # also when the caller cancels
        pool.shutdown(wait=True, cancel_futures=True)


def _decode_one(candidate: Candidate, image: Tensor) -> DecodedFile | SkippedFile:
    data = b""
    try:
        data = read_picture(candidate.read())
        square, original = square_of(data, image.shape[-1])
    except PictureError as error:
        reason, rest = getattr(error, "reason", "not an image"), salvage(data, THUMBNAIL)
        thumbnail = None if rest is None else torch.from_numpy(rest).permute(2, 0, 1).contiguous()
        return SkippedFile(candidate.path, candidate.class_name, reason, str(error), _is_jfif(data), thumbnail)
    image.copy_(torch.from_numpy(square).permute(2, 0, 1))
    return DecodedFile(original, _is_jfif(data))


def _is_jfif(data: bytes) -> bool:
    return b"JFIF" in data[:JFIF_HEADER]


def check_classes(listing: Listing) -> None:
    """Raises: DataError unless there are 2 to 20."""
    classes = listing.classes
    if listing.refusal:
        raise DataError(listing.refusal)
    layout = "put the images of each class into a folder of their own, such as Cat/1.jpg and Dog/1.jpg"
    if not classes:
        raise DataError(f"No images in class folders were found: {layout}.")
    if len(classes) == 1:
        raise DataError(f"Only one class was found, {classes[0]!r}, and at least two are needed: {layout}.")
    if len(classes) > MAX_CLASSES:
        raise DataError(f"{len(classes)} classes were found and the limit is {MAX_CLASSES}: remove some folders.")


def _check_counts(classes: tuple[str, ...], labels: Tensor, skipped: list[SkippedFile]) -> None:
    counts = torch.bincount(labels, minlength=len(classes)).tolist()
    for name, count in zip(classes, counts, strict=True):
        if count < 2:
            reasons = Counter(file.reason for file in skipped if file.class_name == name)
            left_out = "".join(f", {number} left out: {reason}" for reason, number in reasons.items())
            raise DataError(
                f"Class {name!r} has {count} usable image{'s' * (count != 1)}{left_out}: "
                "at least 2 are needed, one for training and one for validation."
            )
