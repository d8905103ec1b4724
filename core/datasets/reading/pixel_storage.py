"""Room for decoded images: in main memory, or in a file that is mapped where they are too many for it."""

from __future__ import annotations

import contextlib
import math
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import torch
from torch import Tensor

from core.datasets.cachedir import cache_folder
from core.datasets.dataset import MIN_SIZE, needed_bytes
from core.datasets.memory import MEMORY_SHARE, fits_memory, main_memory_bytes
from core.datasets.reading.disk_space import has_room, reserve
from core.errors import DataError


def block_for(count: int, size: int) -> tuple[Tensor, str]:
    """An empty uint8 (count, 3, s, s) and, if s had to be smaller than `size`, a sentence that says why.

    In memory if it leaves the machine room; else in a temporary file, which the system removes when the images are
    used no more; else at the largest size for which there is room.
    Raises: DataError if there is no room for the smallest.
    """
    if fits_memory(count, size):
        return torch.empty(count, 3, size, size, dtype=torch.uint8), ""
    for folder in _folders():
        with contextlib.suppress(OSError):
            return _mapped(folder, count, size), ""
    smaller = _affordable(count, size)
    note = (
        f"Images are read at {smaller}×{smaller} instead of {size}×{size}: {count:,} of {size}×{size} take "
        f"{needed_bytes(count, size) / 1e9:.1f} GB, for which neither memory nor disk has room."
    )
    return torch.empty(count, 3, smaller, smaller, dtype=torch.uint8), note


def _folders() -> Iterator[Path]:
    """Where a temporary file may lie: the cache, and the system's folder unless that is memory too."""
    with contextlib.suppress(DataError):
        yield cache_folder("decoded")
    usual = Path(tempfile.gettempdir())
    if not _is_memory(usual):
        yield usual


def _is_memory(folder: Path) -> bool:
    """Whether the folder lies on a file system in main memory."""
    mounts = {Path(disk.mountpoint): disk.fstype for disk in psutil.disk_partitions(all=True)}
    around = [folder.resolve(), *folder.resolve().parents]
    return next((mounts[parent] for parent in around if parent in mounts), "") in ("tmpfs", "ramfs")


def _mapped(folder: Path, count: int, size: int) -> Tensor:
    """A block in a file without a name, so that it goes with its last user, however that ends.

    Raises: OSError if the disk has no room for it.
    """
    needed = needed_bytes(count, size)
    if not has_room(folder, needed):
        raise OSError("no room")
    handle, name = tempfile.mkstemp(prefix="pixels-", dir=folder)
    os.close(handle)
    try:
        reserve(Path(name), needed)
        block = torch.from_file(name, shared=True, size=needed, dtype=torch.uint8)
    finally:
        with contextlib.suppress(OSError):  # where a mapped file cannot be removed
            os.unlink(name)
    return block.view(count, 3, size, size)


def _affordable(count: int, size: int) -> int:
    """The largest size at which `count` images fit into memory. Raises: DataError if there is none."""
    room = MEMORY_SHARE * main_memory_bytes() / needed_bytes(count, 1)
    largest = min(size, math.isqrt(int(room)))
    if largest < MIN_SIZE:
        raise DataError(
            f"{count:,} images take {needed_bytes(count, MIN_SIZE) / 1e9:.1f} GB even at {MIN_SIZE}×{MIN_SIZE} pixels, "
            "for which neither memory nor disk has room: use fewer images."
        )
    return largest
