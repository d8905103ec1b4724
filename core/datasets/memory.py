"""Whether a dataset fits into memory. One that does not stays on disk and is read as it is needed."""

from __future__ import annotations

import os
from pathlib import Path

from core.datasets.dataset import needed_bytes

MEMORY_SHARE = 0.4  # of main memory that images may fill: the network, Python and other people need the rest
CGROUP = Path("/sys/fs/cgroup/memory.max")
GUESS = 4_000_000_000  # bytes, on a system that does not say


def main_memory_bytes() -> int:
    """Main memory of this machine, or of the container that this process lives in."""
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        memory = GUESS
    try:
        limit = CGROUP.read_text().strip()
    except OSError:
        limit = ""
    return min(memory, int(limit)) if limit.isdigit() else memory


def fits_memory(count: int, size: int) -> bool:
    """Whether `count` decoded images of size x size leave this machine room to train on them."""
    return needed_bytes(count, size) <= MEMORY_SHARE * main_memory_bytes()
