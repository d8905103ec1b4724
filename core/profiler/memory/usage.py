"""The ledger of every storage's birth and death, and what it tells: live bytes over time, their peak, its parts."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from core.profiler.fake_tensor.tensor import MemoryBlock
from core.profiler.memory.categories import CATEGORIES, TEMPORARY

_COLUMN = {category: column for column, category in enumerate(CATEGORIES)}


@dataclass(frozen=True)
class Span:
    """A stretch of an iteration in which one layer is at work.

    Attributes:
        phase: "forward", "loss", "backward" or "optimizer".
        name, kind: of the layer, as in its `Row`; `row` is its index, -1 where there is none.
        start_bytes, end_bytes: live before and after; `peak_bytes` at its fullest moment.
        at_peak: what that moment is made of, in the order of `CATEGORIES`.
    """

    phase: str
    name: str
    kind: str
    row: int
    start_bytes: int
    peak_bytes: int
    end_bytes: int
    at_peak: tuple[int, ...]


@dataclass(frozen=True)
class Usage:
    """Live bytes through one iteration. `sizes`: the most each category ever holds, in the order of `CATEGORIES`."""

    spans: tuple[Span, ...] = field(repr=False)
    sizes: tuple[int, ...]

    @property
    def peak(self) -> Span:
        """The stretch with the fullest moment, the first if there are several."""
        return max(self.spans, key=lambda span: span.peak_bytes)

    @property
    def peak_bytes(self) -> int:
        return self.peak.peak_bytes

    def at_peak(self, category: str) -> int:
        """Bytes of one category at the fullest moment."""
        return self.peak.at_peak[_COLUMN[category]]

    def bytes_of(self, category: str) -> int:
        """The most that one category ever holds."""
        return self.sizes[_COLUMN[category]]


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
        block.birth = len(self.categories)
        self.categories.append(self.category)
        self.live += block.nbytes
        self.events.append((block.birth, block.nbytes, self.label))

    def died(self, block: MemoryBlock) -> None:
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


def read(ledger: Ledger) -> Usage:
    """The usage that a ledger's events add up to, from the beginning of the iteration."""
    live = [0] * len(CATEGORIES)
    column = [_COLUMN[category] for category in ledger.categories]
    for storage, nbytes, _ in ledger.events[: ledger.began]:
        live[column[storage]] += nbytes
    sizes = list(live)
    spans = []
    for label, events in itertools.groupby(ledger.events[ledger.began :], key=lambda event: event[2]):
        start = peak = total = sum(live)
        at_peak = tuple(live)
        for storage, nbytes, _ in events:
            category = column[storage] if storage >= 0 else _COLUMN[TEMPORARY]
            live[category] += nbytes
            total += nbytes
            sizes[category] = max(sizes[category], live[category])
            if total > peak:
                peak, at_peak = total, tuple(live)
            if storage < 0:
                live[category] -= nbytes
                total -= nbytes
        spans.append(Span(label.phase, label.name, label.kind, label.row, start, peak, total, at_peak))
    if not spans:
        spans = [Span("forward", "", "", -1, sum(live), sum(live), sum(live), tuple(live))]
    return Usage(tuple(spans), tuple(sizes))
