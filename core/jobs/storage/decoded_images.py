"""Decoded images on disk, so that they are decoded once and read by whoever needs them without a copy.

`NAME.pt` holds all that is known of a set, `NAME.u8` its pixels, which are mapped: memory holds those looked at.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
from pathlib import Path

import torch

from core.datasets import ImageDataset
from core.datasets.reading.decoded_cache import all_but_pixels, with_pixels
from core.errors import DataError

PIXELS = ".u8"


def save_decoded(pictures: ImageDataset, path: Path) -> None:
    """Write a set whole or not at all. Pixels that are in a file already are not written again where links work.

    Raises: OSError if there is no room or no right to write; no half of it stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(f".{os.getpid()}.half")
    about = io.BytesIO()  # torch's own writer says of a full disk something else than an OSError
    torch.save(all_but_pixels(pictures), about)
    try:
        _put_pixels(pictures, half)
        os.replace(half, path.with_suffix(PIXELS))
        half.write_bytes(about.getbuffer())
        os.replace(half, path)
    except BaseException:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)
        if not path.exists():  # pixels alone are a half, too
            remove_decoded(path)
        raise


def _put_pixels(pictures: ImageDataset, target: Path) -> None:
    target.unlink(missing_ok=True)
    if pictures.file is None:
        target.write_bytes(pictures.images.contiguous().numpy().data)
        return
    try:
        os.link(pictures.file, target)
    except OSError:  # another disk, or one that knows no links
        shutil.copyfile(pictures.file, target)


def decoded_beside(path: Path) -> list[ImageDataset]:
    """The sets in the folder of one that is to be decoded: those of an upload that was read in another way before."""
    sets = []
    for other in sorted(path.parent.glob("decoded-*.pt")):
        with contextlib.suppress(DataError):  # damaged, or removed meanwhile
            sets.append(open_decoded(other))
    return sets


def remove_decoded(path: Path) -> None:
    """Remove a set, as far as it is there: first what says so. Whoever has it mapped keeps reading it."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
        path.with_suffix(PIXELS).unlink(missing_ok=True)


def mark_used(path: Path) -> None:
    """Note that a set is used just now: what was not used for longest makes room first."""
    with contextlib.suppress(OSError):  # gone, or not ours to touch
        os.utime(path)


def open_decoded(path: Path) -> ImageDataset:
    """A set as it was saved; its images stay on disk until they are looked at.

    Raises: DataError if it is damaged; it is removed then, so that it is decoded anew.
    """
    mark_used(path)
    try:
        return with_pixels(path, path.with_suffix(PIXELS))
    except FileNotFoundError as error:
        remove_decoded(path)
        raise DataError("The decoded images of this dataset were removed: they are decoded anew.") from error
    except Exception as error:  # torch.load has no error of its own: a cut file, a text and a picture raise all kinds
        remove_decoded(path)
        raise DataError(
            "The decoded images of this dataset were damaged and have been removed: they are decoded anew."
        ) from error
