"""How the C library keeps freed memory, where that is glibc: as little of it as costs no time worth mentioning.

It has a heap of its own for nearly every thread, up to eight times as many as there are cores, and of what is freed in
one, only the end goes back to the system. Source: mallopt(3), malloc_trim(3).
"""

from __future__ import annotations

import contextlib
import ctypes
import gc

from core import limits

M_TRIM_THRESHOLD, M_ARENA_MAX = -1, -8  # names of mallopt's parameters
ARENAS = 2
TRIM_BYTES = 1 << 16  # of free memory at a heap's end that go back; set, large blocks are never part of a heap


def keep_small(trims: bool | None = None) -> None:
    """Few heaps for all threads from now on; with `trims`, as by default on a small machine, freed memory goes back.

    Trimming costs a tenth of the speed of what works on large arrays.
    """
    trims = limits.size() == "small" if trims is None else trims
    with contextlib.suppress(OSError, AttributeError):  # glibc has it
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_ARENA_MAX, ARENAS)
        if trims:
            mallopt(M_TRIM_THRESHOLD, TRIM_BYTES)


def give_back_free_memory() -> None:
    """Garbage is collected, and pages of the heaps that hold nothing go back to the system."""
    gc.collect()
    trim()


def trim() -> None:
    """Pages of the heaps that hold nothing go back to the system; other threads of Python go on meanwhile."""
    with contextlib.suppress(OSError, AttributeError):  # glibc has it
        ctypes.CDLL(None).malloc_trim(0)
