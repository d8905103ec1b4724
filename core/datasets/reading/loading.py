"""From a name, a folder or an archive to decoded images; files that cannot be read are reported."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from core.datasets.builtin import BUILT_IN
from core.datasets.dataset import ImageDataset, Progress, check_size
from core.datasets.layout import LayoutChoice, Listing, SourceContents, Understanding, interpret
from core.datasets.reading.containers import open_archive, open_folder
from core.datasets.reading.containers.folder import path_of
from core.datasets.reading.decoded_cache import load_cached
from core.datasets.reading.decoded_files import DecodedFiles
from core.datasets.reading.decoding import check_classes, decode, limited
from core.datasets.reading.pixel_storage import block_for
from core.datasets.reading.sources import list_files
from core.datasets.remote.catalogue import REMOTE
from core.datasets.remote.fetch import downloaded
from core.errors import DataError

Source = str | Path | bytes | BinaryIO | Mapping[str, Sequence[bytes | BinaryIO]]

AS_IT_IS = LayoutChoice()


def load(
    source: Source,
    size: int,
    seed: int = 0,
    limit: int | None = None,
    progress: Progress | None = None,
    cache: bool | Path = False,
    layout: LayoutChoice = AS_IT_IS,
    reuse: Sequence[ImageDataset] = (),
) -> ImageDataset:
    """Labelled images of size x size: a built-in or downloaded dataset by name, or a folder or ZIP of class folders.

    An image is resized to the square, not cropped. Every file is decoded. `limit` keeps at most so many, chosen
    uniformly from the classes by `seed` (which also seeds drawn datasets). With `cache` the decoded images are kept on
    disk, in the folder that it names or in one for all users: the second start is instant. A dataset larger than memory
    is mapped from the disk, or decoded at a smaller size, which a note says, if there is no room either. `layout`
    corrects what the folders are taken to mean. Files that are in a dataset of `reuse` are not decoded again.

    Args: a key of `BUILT_IN` or `REMOTE`, a path, the bytes of a zip or an open zip, or single images by class,
    `{"cat": [file, ...], "dog": [...]}`; `progress(done, total)` may raise to cancel.
    Raises: DataError if that yields no dataset of 2 to 1,000 classes with 2 images each.
    """
    check_size(size)
    if limit is not None and limit < 2:
        raise DataError(f"The limit {limit} is too small: allow at least 2 images.")
    if isinstance(source, str) and source in BUILT_IN:
        return BUILT_IN[source].build(size, seed, limit, progress)
    listing = listing_of(source, layout)
    chosen = limited(listing, limit, seed)
    own = cache if isinstance(cache, Path) else None
    if cache and (data := load_cached(listing, chosen, size, progress, own, reuse)) is not None:
        return data
    images, note = block_for(len(chosen), size)
    data = decode(listing, chosen, images, progress, DecodedFiles(reuse, images.shape[-1]))
    return dataclasses.replace(data, notes=(note, *data.notes)) if note else data


def listing_of(source: Source, layout: LayoutChoice = AS_IT_IS) -> Listing:
    """The files of a source, before anything is decoded: the memory needed follows from `len(listing.candidates)`.

    Raises: DataError if there is no such dataset, folder or ZIP.
    """
    if isinstance(source, Mapping):
        return list_files("own images", source)
    return interpret(_contents_of(source), layout)


def _contents_of(source: str | Path | bytes | BinaryIO) -> SourceContents:
    if isinstance(source, (bytes, bytearray, memoryview)):
        return open_archive(io.BytesIO(source))
    if not isinstance(source, (str, Path)):
        return open_archive(source, Path(getattr(source, "name", "archive")).stem)
    if isinstance(source, str) and source in REMOTE:
        return open_archive(downloaded(source), source)
    known = ", ".join((*BUILT_IN, *REMOTE))
    if isinstance(source, str) and not source.strip():
        raise DataError(f"The dataset has no name: use {known}, or the path of a folder or ZIP of class folders.")
    if "://" in str(source):
        raise DataError(f"{str(source)!r} is an address, and nothing is fetched from it: download the archive first.")
    path = path_of(source)
    if path.is_dir():
        return open_folder(path)
    if path.is_file():
        return open_archive(path, path.stem)
    raise DataError(
        f"There is no dataset {str(source)!r}: use {known}, or the path of a folder or ZIP of class folders."
    )


def survey(source: Source, layout: LayoutChoice = AS_IT_IS) -> dict[str, int]:
    """Files of each class, before anything is decoded: some of them may turn out not to be images.

    Raises: DataError if there is no such dataset, folder or ZIP, or it has not 2 to 1,000 classes.
    """
    listing = listing_of(source, layout)
    check_classes(listing)
    return listing.class_counts


def understood(source: Source, layout: LayoutChoice = AS_IT_IS) -> Understanding:
    """Classes, splits, what is left out and why, and other possible readings, before anything is decoded.

    A source without two classes is described as well: `refusal` says what is wrong.
    Raises: DataError if there is no such folder or ZIP; datasets of `BUILT_IN` have no files.
    """
    return Understanding.of(listing_of(source, layout), layout)
