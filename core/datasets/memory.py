"""Whether a dataset fits into memory. One that does not stays on disk and is read as it is needed."""

from __future__ import annotations

from core import main_memory
from core.datasets.dataset import needed_bytes
from core.limits import limits

MEMORY_SHARE = limits().dataset_memory_share  # of main memory: the network, Python and other people need the rest


def main_memory_bytes() -> int:
    """Main memory of this machine, or of the container that this process lives in."""
    return main_memory.total_bytes()


def fits_memory(count: int, size: int) -> bool:
    """Whether `count` decoded images of size x size leave this machine room to train on them."""
    return needed_bytes(count, size) <= MEMORY_SHARE * main_memory_bytes()
