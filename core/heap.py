"""How the C library keeps freed memory, where that is glibc: as little of it as costs no time worth mentioning.

It has a heap of its own for nearly every thread, up to eight times as many as there are cores, and of what is freed in
one, only the end goes back to the system. A large block lies outside of the heaps and goes back at once, but what is
large grows with what is freed, up to 32 MB, unless it is set. Source: mallopt(3), malloc_trim(3).
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import gc

from core import limits

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # names of mallopt's parameters
ARENAS = 2
LARGE_BYTES = 1 << 21
KEPT_BYTES = 1 << 22  # of free memory at a heap's end; what is more goes back
TRIM_BYTES = 1 << 16  # the same with `trims`; set alone, what is large has 128 kB


def keep_small(trims: bool | None = None) -> None:
    """Few heaps for all threads from now on; with `trims`, by default on a small machine, all freed memory goes back.

    Trimming costs convolutions half of their speed, since each page of fresh memory is filled with zeros; without it
    that is so only of arrays over `LARGE_BYTES`.
    """
    trims = limits.size() == "small" if trims is None else trims
    with contextlib.suppress(OSError, AttributeError):  # glibc has it
        mallopt = _c_library().mallopt
        mallopt(M_ARENA_MAX, ARENAS)
        if not trims:
            mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
        mallopt(M_TRIM_THRESHOLD, TRIM_BYTES if trims else KEPT_BYTES)


def give_back_free_memory() -> None:
    """Garbage is collected, and pages of the heaps that hold nothing go back to the system."""
    gc.collect()
    trim()


def trim() -> None:
    """Pages of the heaps that hold nothing go back to the system; other threads of Python go on meanwhile."""
    with contextlib.suppress(OSError, AttributeError):  # glibc has it
        _c_library().malloc_trim(0)


@functools.cache
def _c_library() -> ctypes.CDLL:
    return ctypes.CDLL(None)
