"""Whether a dataset fits into memory. One that does not stays on disk and is read as it is needed."""

from __future__ import annotations

from pathlib import Path

import psutil

from core.datasets.dataset import needed_bytes

MEMORY_SHARE = 0.4  # of main memory that images may fill: the network, Python and other people need the rest
CGROUP = Path("/sys/fs/cgroup/memory.max")


def main_memory_bytes() -> int:
    """Main memory of this machine, or of the container that this process lives in."""
    memory = psutil.virtual_memory().total
    try:
        limit = CGROUP.read_text().strip()
    except OSError:
        limit = ""
    return min(memory, int(limit)) if limit.isdigit() else memory


def fits_memory(count: int, size: int) -> bool:
    """Whether `count` decoded images of size x size leave this machine room to train on them."""
    return needed_bytes(count, size) <= MEMORY_SHARE * main_memory_bytes()
