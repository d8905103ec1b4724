"""From a name, a folder or an archive to decoded pictures. What cannot be read is reported."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import torch
from torch import Tensor

from core.datasets.builtin import BUILT_IN
from core.datasets.dataset import Pictures, Progress, check_size, needed_bytes
from core.datasets.reading.decoded_cache import decoded_once
from core.datasets.reading.decoding import check_classes, chosen_of, decode
from core.datasets.reading.sources import Listing, list_files, list_folder, list_zip
from core.datasets.remote import REMOTE, downloaded
from core.errors import DataError

Source = str | Path | bytes | BinaryIO | Mapping[str, Sequence[bytes | BinaryIO]]

MEMORY_CAP = 2_000_000_000


def load(
    source: Source,
    size: int,
    seed: int = 0,
    limit: int | None = None,
    progress: Progress | None = None,
    cache: bool = False,
) -> Pictures:
    """Labelled pictures of size x size: a built-in or downloaded set by name, or a folder or zip of class folders.

    A picture is squashed to the square, not cropped. Every file is really decoded. `limit` keeps at most so many,
    chosen evenly from the classes by `seed` (which also rolls the dice of drawn sets). With `cache` the decoded
    pictures are kept on disk: the second start is instant, and a set larger than memory is read as it is needed.

    Args: a key of `BUILT_IN` or `REMOTE`, a path, the bytes of a zip or an open zip, or single pictures by class,
    `{"cat": [file, ...], "dog": [...]}`; `progress(done, total)` may raise to cancel.
    Raises: DataError if that yields no set of 2 to 20 classes with 2 pictures each, or one that is too large.
    """
    check_size(size)
    if limit is not None and limit < 2:
        raise DataError(f"A limit of {limit} leaves nothing to compare: allow at least 2 pictures.")
    if isinstance(source, str) and source in BUILT_IN:
        return BUILT_IN[source].build(size, seed, limit, progress)
    listing = listing_of(source)
    chosen = chosen_of(listing, limit, seed)
    if cache and (pictures := decoded_once(listing, chosen, size, progress)) is not None:
        return pictures
    return decode(listing, chosen, _in_memory(len(chosen), size), progress)


def listing_of(source: Source) -> Listing:
    """What a source holds, before anything is decoded: `len(listing_of(zip).candidates)` tells the memory it takes.

    Raises: DataError if there is no such set, folder or zip.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        return list_zip(io.BytesIO(source))
    if isinstance(source, Mapping):
        return list_files("own pictures", source)
    if not isinstance(source, (str, Path)):
        return list_zip(source, Path(getattr(source, "name", "archive")).stem)
    if isinstance(source, str) and source in REMOTE:
        return list_zip(downloaded(source), source)
    path = Path(source).expanduser()
    if path.is_dir():
        return list_folder(path)
    if path.is_file():
        return list_zip(path, path.stem)
    known = ", ".join((*BUILT_IN, *REMOTE))
    raise DataError(f"There is no data set {str(source)!r}: give {known}, or the path of a folder or zip of folders.")


def survey(source: Source) -> dict[str, int]:
    """Files of each class, before anything is decoded: some of them may turn out not to be pictures.

    Raises: DataError if there is no such set, folder or zip, or it has not 2 to 20 classes.
    """
    listing = listing_of(source)
    check_classes(listing.classes)
    counts = Counter(candidate.class_name for candidate in listing.candidates)
    return {name: counts[name] for name in listing.classes}


def _in_memory(count: int, size: int) -> Tensor:
    needed = needed_bytes(count, size)
    if needed > MEMORY_CAP:
        room = MEMORY_CAP // needed_bytes(1, size)
        raise DataError(
            f"{count:,} pictures of {size}x{size} take {needed / 1e9:.1f} GB and the limit is "
            f"{MEMORY_CAP / 1e9:.0f} GB: use smaller pictures, or at most {room:,} of them."
        )
    return torch.empty(count, 3, size, size, dtype=torch.uint8)
