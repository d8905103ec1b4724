"""Memory that an iteration gets from the system: its pages are cleared when they are touched first, which takes time.

An allocator keeps what is given back for later requests, so a training under way needs few new pages. But a block of
`MAPPED` bytes and more that no free stretch of the heap can hold comes from the system, and goes back to it, each time.
Source: `mallopt(3)` of Linux, M_MMAP_THRESHOLD, which adapts up to its limit.
"""

from __future__ import annotations

import bisect
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from core.profiler.memory.usage import Label, Ledger

MAPPED = 32 << 20  # bytes from which a block is never kept
SETTLED = 3  # iterations after which an allocator goes on as it does


class Touched(NamedTuple):
    """Bytes that are new to a process, in a phase for a row (-1: for none)."""

    phase: str
    row: int
    nbytes: int


class Heap:
    """A heap that is never given back: the smallest free stretch that holds a block is taken, neighbours are joined."""

    def __init__(self) -> None:
        self.top = 0
        self.free: list[tuple[int, int]] = []  # address and size, in order of addresses

    def allocate(self, nbytes: int) -> tuple[int, int]:
        """An address (-1: from the system), and the bytes that are new."""
        fitting = [(size, address) for address, size in self.free if size >= nbytes]
        if fitting:
            size, address = min(fitting)
            index = bisect.bisect_left(self.free, (address, size))
            self.free[index : index + 1] = [(address + nbytes, size - nbytes)] if size > nbytes else []
            return address, 0
        if nbytes >= MAPPED:
            return -1, nbytes
        last = self.free[-1] if self.free and sum(self.free[-1]) == self.top else (self.top, 0)
        if last[1]:
            self.free.pop()
        self.top = last[0] + nbytes
        return last[0], nbytes - last[1]

    def release(self, address: int, nbytes: int) -> None:
        """A block comes back."""
        index = bisect.bisect_left(self.free, (address, 0))
        end = address + nbytes
        if index < len(self.free) and self.free[index][0] == end:
            end += self.free.pop(index)[1]
        if index and sum(self.free[index - 1]) == address:
            index -= 1
            address = self.free.pop(index)[0]
        self.free.insert(index, (address, end - address))


def touched(ledger: Ledger) -> list[Touched]:
    """What each stretch of an iteration of a training under way touches for the first time."""
    heap, events = Heap(), ledger.events[ledger.began :]
    for _ in range(SETTLED):
        fresh = _iterate(heap, events)
    return [Touched(label.phase, label.row, nbytes) for label, nbytes in fresh.items() if nbytes]


def _iterate(heap: Heap, events: Sequence[tuple[int, int, Label]]) -> Counter[Label]:
    """One iteration; what it leaves is given back at its end. Returns the new bytes of each stretch."""
    fresh: Counter[Label] = Counter()
    blocks: dict[int, list[tuple[int, int]]] = {}  # a storage may have grown by a second block
    for storage, nbytes, label in events:
        if nbytes > 0:
            address, new = heap.allocate(nbytes)
            fresh[label] += new
            if storage >= 0:
                blocks.setdefault(storage, []).append((address, nbytes))
            elif address >= 0:
                heap.release(address, nbytes)
        else:
            _release(heap, blocks.pop(storage, []))
    for left in blocks.values():
        _release(heap, left)
    return fresh


def _release(heap: Heap, blocks: Sequence[tuple[int, int]]) -> None:
    for address, nbytes in blocks:
        if address >= 0:
            heap.release(address, nbytes)
