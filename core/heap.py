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
import os
from collections.abc import MutableMapping

from core import limits

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # names of mallopt's parameters
ARENAS = 2
LARGE_BYTES = 1 << 21
KEPT_BYTES = 1 << 22  # of free memory at a heap's end; what is more goes back
TRIM_BYTES = 1 << 16  # the same with `trims`; set alone, what is large has 128 kB
KERNELS_VARIABLE = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"
KERNELS = "128"  # EfficientNet-Lite0 needs some fifty for an image


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


def keep_few_kernels() -> None:
    """Of the kernels that oneDNN compiles, one for each size that a layer meets, the last `KERNELS` stay, not 1,024.

    To be called before PyTorch computes anything. Each has some 20 kB, and a class meets many sizes. Source: oneDNN,
    "Primitive Cache".
    """
    os.environ.setdefault(KERNELS_VARIABLE, KERNELS)


def keep_many_kernels(environment: MutableMapping[str, str]) -> None:
    """A process that trains, started with that environment, keeps as many as ever: a step of a network uses them all.

    >>> environment = {KERNELS_VARIABLE: KERNELS}
    >>> keep_many_kernels(environment)
    >>> environment
    {}
    """
    if environment.get(KERNELS_VARIABLE) == KERNELS:
        del environment[KERNELS_VARIABLE]


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
