"""The ledger: every storage's birth and death, who caused it, and what follows from that."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from core.profiler.fake_tensor.tensor import MemoryBlock
from core.profiler.memory.categories import TEMPORARY


class Label(NamedTuple):
    """Who is at work: the phase of the iteration, and the layer by path, kind and row."""

    phase: str
    name: str = ""
    kind: str = ""
    row: int = -1


@dataclass
class Ledger:
    """Books births and deaths of storages in order. `label` says to whom the next ones belong."""

    label: Label = field(default_factory=lambda: Label("setup"))
    category: str = TEMPORARY
    live: int = 0
    events: list[tuple[int, int, Label]] = field(default_factory=list)  # storage (-1: inside a kernel), bytes, who
    categories: list[str] = field(default_factory=list)  # of each storage, as far as it is known by now

    began: int = 0  # events before the iteration

    def start(self, label: Label) -> None:
        """The iteration begins here."""
        self.began = len(self.events)
        self.label = label

    def make(self, nbytes: int) -> MemoryBlock:
        """A storage that no fake tensor stands for."""
        block = MemoryBlock(nbytes, self.died)
        self.born(block)
        return block

    @contextlib.contextmanager
    def from_the_start(self, category: str) -> Iterator[None]:
        """Storages made inside belong to what was there before the iteration began."""
        before, count = self.category, len(self.events)
        self.category = category
        yield
        self.category = before
        created = self.events[count:]
        del self.events[count:]
        self.events[self.began : self.began] = created
        self.began += len(created)

    def born(self, block: MemoryBlock) -> None:
        """A storage was made."""
        block.birth = len(self.categories)
        self.categories.append(self.category)
        self.live += block.nbytes
        self.events.append((block.birth, block.nbytes, self.label))

    def died(self, block: MemoryBlock) -> None:
        """A storage was let go."""
        if block.birth >= 0:
            self.live -= block.nbytes
            self.events.append((block.birth, -block.nbytes, self.label))

    def grow(self, block: MemoryBlock, nbytes: int) -> None:
        """A storage turned out to be larger."""
        block.nbytes += nbytes
        self.live += nbytes
        self.events.append((block.birth, nbytes, self.label))

    def workspace(self, over: int) -> None:
        """A kernel held `over` bytes for itself, on top of what is live now, and gave them back."""
        if over > 0:
            self.events.append((-1, over, self.label))

    def classify(self, block: MemoryBlock, category: str, only_from: str = TEMPORARY) -> None:
        """What a storage turned out to be."""
        if block.birth >= 0 and self.categories[block.birth] == only_from:
            self.categories[block.birth] = category
