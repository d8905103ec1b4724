"""Decoding the files of a source, on all cores at once, into one block of images."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from core import cpu_count
from core.datasets.dataset import ImageDataset, Progress, SkippedFile
from core.datasets.inspecting.bundles import (
    note_on_given_split,
    note_on_labels,
    note_on_untrained_classes,
    notes_on_groups,
    without_large_groups,
)
from core.datasets.inspecting.duplicates import near_duplicates
from core.datasets.layout.listing import MAX_CLASSES, SPLITS, Candidate, Listing
from core.datasets.layout.messages.refusal import WAY_OUT
from core.datasets.reading.decoded_files import DecodedFile, DecodedFiles, stamp_of, true_bits
from core.errors import DataError, PictureError
from core.images import decode_square, notes_on_stretching, read_picture, salvage

THUMBNAIL = 96
JFIF_HEADER = 10  # bytes: what the clean-up loop of many tutorials checks


def limited(listing: Listing, limit: int | None, seed: int) -> list[Candidate]:
    """All candidates, or `limit` of them: the classes take turns, each in an order shuffled by `seed`.

    Raises: DataError unless there are 2 to 1,000 classes, and 2 images for each within the limit.
    """
    check_classes(listing)
    candidates = listing.candidates
    if limit is None or limit >= len(candidates):
        return list(candidates)
    if limit < 2 * len(listing.classes):
        raise DataError(
            f"The limit {limit:,} is too small for {len(listing.classes):,} classes: allow at least "
            f"{2 * len(listing.classes):,} images, two for each class."
        )
    turn_of: Counter[str] = Counter()
    turns = []
    for index in np.random.default_rng(seed).permutation(len(candidates)).tolist():
        class_name = candidates[index].class_name
        turns.append((turn_of[class_name], class_name, index))
        turn_of[class_name] += 1
    return [candidates[index] for index in sorted(index for _, _, index in sorted(turns)[:limit])]


def decode(
    listing: Listing,
    chosen: list[Candidate],
    images: Tensor,
    progress: Progress | None,
    known: DecodedFiles | None = None,
) -> ImageDataset:
    """Decode the chosen files of a listing into `images`, uint8 (N, 3, size, size), without gaps for skipped ones.

    A class with fewer than 2 images is left out, if at least two others remain. Files that are `known` are copied.
    Raises: DataError if two classes with 2 images each do not remain; whatever `progress` raises.
    """
    known = known or DecodedFiles()
    files, skipped = _decode_into(images, chosen, progress, known)
    classes, small = _large_enough(listing.classes, files, skipped)
    skipped += _in_small_classes(images, files, small)
    files = [file for file in files if file.candidate.class_name not in small]
    images = images[: len(files)]
    candidates = [file.candidate for file in files]
    labels, paths = _labels(candidates, classes), tuple(candidate.path for candidate in candidates)
    given = _given_split(candidates)
    copies = known.copies_among(candidates)
    copies = near_duplicates(images) if copies is None else copies
    groups, large = without_large_groups(copies, labels)
    return ImageDataset(
        name=listing.name,
        images=images,
        labels=labels,
        classes=classes,
        paths=paths,
        groups=groups,
        refused=(*skipped, *map(_empty_folder, listing.empty)),
        ignored=listing.ignored,
        originals=torch.tensor([file.result.size for file in files], dtype=torch.int64),
        jfif=torch.tensor([file.result.jfif for file in files]),
        given_split=given,
        notes=(
            *listing.notes,
            *small.values(),
            *notes_on_stretching(file.result.stretched_bits for file in files),
            *(notes_on_groups(large, labels, classes) if given is None else note_on_given_split(given, copies)),
            *note_on_labels(copies, labels, paths),
            *note_on_untrained_classes(given, labels, classes),
        ),
        left_out=dict(listing.left_out),
        large_groups=large,
        exact_shares=True,
        stamps=tuple(map(stamp_of, candidates)),
        true_bits=true_bits(file.result for file in files),
    )


def _labels(candidates: Sequence[Candidate], classes: Sequence[str]) -> Tensor:
    """The numbers of their classes, (N,)."""
    number_of = {name: number for number, name in enumerate(classes)}
    return torch.tensor([number_of[candidate.class_name] for candidate in candidates], dtype=torch.int64)


class _File(NamedTuple):
    candidate: Candidate
    result: DecodedFile


def _decode_into(
    images: Tensor, chosen: list[Candidate], progress: Progress | None, known: DecodedFiles
) -> tuple[list[_File], list[SkippedFile]]:
    """The files that decode, the n-th into the n-th row of `images`, and those that do not."""
    decoded: list[_File] = []
    skipped: list[SkippedFile] = []
    for index, result in enumerate(_decode_all(images, chosen, known)):
        if isinstance(result, SkippedFile):
            skipped.append(result)
        else:
            images[len(decoded)] = images[index]  # in place: a second block might not fit
            decoded.append(_File(chosen[index], result))
        if progress and (index % 32 == 31 or index + 1 == len(chosen)):
            progress(index + 1, len(chosen))
    return decoded, skipped


def _large_enough(
    classes: tuple[str, ...], files: list[_File], skipped: list[SkippedFile]
) -> tuple[tuple[str, ...], dict[str, str]]:
    """The classes with 2 images or more, and a sentence on each of the others.

    Raises: DataError with that sentence if not two classes are large enough.
    """
    counts = Counter(file.candidate.class_name for file in files)
    small = {name: _too_small(name, counts[name], skipped) for name in classes if counts[name] < 2}
    kept = tuple(name for name in classes if name not in small)
    needed = "at least 2 are needed, one for training and one for validation."
    if len(kept) < 2 and small:
        raise DataError(f"{next(iter(small.values()))}: {needed}")
    return kept, {name: f"{about} and is left out: {needed}" for name, about in small.items()}


def _too_small(name: str, count: int, skipped: list[SkippedFile]) -> str:
    reasons = Counter(file.reason for file in skipped if file.class_name == name)
    left_out = "".join(f", {number} left out: {reason}" for reason, number in reasons.items())
    return f"Class {name!r} has {count} usable image{'s' * (count != 1)}{left_out}"


def _in_small_classes(images: Tensor, files: list[_File], small: Mapping[str, str]) -> list[SkippedFile]:
    """Close the gaps that the images of classes too small leave in `images`. Returns these as skipped files."""
    skipped, place = [], 0
    for index, (candidate, result) in enumerate(files):
        if candidate.class_name in small:
            thumbnail = images[index].clone()
            about = (candidate.path, candidate.class_name, "the only image of its class", small[candidate.class_name])
            skipped.append(SkippedFile(*about, result.jfif, thumbnail))
        else:
            if place != index:
                images[place] = images[index]
            place += 1
    return skipped


def _given_split(decoded: list[Candidate]) -> Tensor | None:
    """int64 (N,): the place in `SPLITS` of each file's split, -1 if its layout says none; None if it says so of all."""
    if not any(file.split for file in decoded):
        return None
    return torch.tensor([SPLITS.index(file.split) if file.split else -1 for file in decoded], dtype=torch.int64)


def _empty_folder(path: str) -> SkippedFile:
    name = path.rsplit("/", 1)[-1]
    return SkippedFile(path, name, "empty folder", f"The folder {path} holds no images: it is not used as a class.")


def _decode_all(images: Tensor, chosen: list[Candidate], known: DecodedFiles) -> Iterator[DecodedFile | SkippedFile]:
    """Decode each candidate into its row of `images`; the results come in order.

    In threads, since decoders release Python's lock: two processes took 1.3 times as long as two threads.
    """
    pool = ThreadPoolExecutor(max_workers=cpu_count.allowed(), thread_name_prefix="decode")
    try:
        yield from pool.map(functools.partial(_decode_one, known), chosen, images)
    finally:  # also when the caller cancels
        pool.shutdown(wait=True, cancel_futures=True)


def _decode_one(known: DecodedFiles, candidate: Candidate, image: Tensor) -> DecodedFile | SkippedFile:
    if before := known.copy(candidate, image):
        return before
    data = b""
    try:
        data = read_picture(candidate.read())
        square = decode_square(data, image.shape[-1])
    except PictureError as error:
        reason, rest = getattr(error, "reason", "not an image"), salvage(data, THUMBNAIL)
        thumbnail = None if rest is None else torch.from_numpy(rest).permute(2, 0, 1).contiguous()
        return SkippedFile(candidate.path, candidate.class_name, reason, str(error), _is_jfif(data), thumbnail)
    image.copy_(torch.from_numpy(square.pixels).permute(2, 0, 1))
    return DecodedFile(square.size, _is_jfif(data), square.stretched_bits)


def _is_jfif(data: bytes) -> bool:
    return b"JFIF" in data[:JFIF_HEADER]


def check_classes(listing: Listing) -> None:
    """Raises: DataError unless there are 2 to 1,000."""
    classes = listing.classes
    if listing.refusal:
        raise DataError(listing.refusal)
    if not classes:
        raise DataError(f"No images in class folders were found: {WAY_OUT}.")
    if len(classes) == 1:
        raise DataError(f"Only one class was found, {classes[0]!r}, and at least two are needed: {WAY_OUT}.")
    if len(classes) > MAX_CLASSES:
        raise DataError(
            f"{len(classes):,} classes were found and the limit is {MAX_CLASSES:,}: leave some of them out."
        )
