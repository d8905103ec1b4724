"""Decoded images on disk, so that they are decoded once and read by whoever needs them without a copy.

`NAME.pt` holds all that is known of a set, `NAME.u8` its pixels, which are mapped: memory holds those looked at.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

import torch

from core.datasets import ImageDataset
from core.datasets.reading.decoded_cache import all_but_pixels, with_pixels

PIXELS = ".u8"


def save_decoded(pictures: ImageDataset, path: Path) -> None:
    """Write a set whole or not at all. Pixels that are in a file already are not written again where links work."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(f".{os.getpid()}.half")
    _put_pixels(pictures, half)
    os.replace(half, path.with_suffix(PIXELS))
    torch.save(all_but_pixels(pictures), half)
    os.replace(half, path)


def _put_pixels(pictures: ImageDataset, target: Path) -> None:
    target.unlink(missing_ok=True)
    if pictures.file is None:
        pictures.images.contiguous().numpy().tofile(target)
        return
    try:
        os.link(pictures.file, target)
    except OSError:  # another disk, or one that knows no links
        shutil.copyfile(pictures.file, target)


def mark_used(path: Path) -> None:
    """Note that a set is used just now: what was not used for longest makes room first."""
    with contextlib.suppress(OSError):  # gone, or not ours to touch
        os.utime(path)


def open_decoded(path: Path) -> ImageDataset:
    """A set as it was saved; its images stay on disk until they are looked at."""
    mark_used(path)
    return with_pixels(path, path.with_suffix(PIXELS))
