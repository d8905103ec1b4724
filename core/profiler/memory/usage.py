"""What a ledger tells: the timeline of live bytes, its peak, and what the peak is made of."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.profiler.memory.categories import CATEGORIES, TEMPORARY

if TYPE_CHECKING:
    from core.profiler.memory.ledger import Label, Ledger

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


def read(ledger: Ledger) -> Usage:
    """The usage that a ledger's events add up to, from the beginning of the iteration."""
    live = [0] * len(CATEGORIES)
    column = [_COLUMN[category] for category in ledger.categories]
    for storage, nbytes, _ in ledger.events[: ledger.began]:
        live[column[storage]] += nbytes
    sizes = list(live)
    spans = []
    for label, events in _stretches(ledger.events[ledger.began :]):
        start = peak = sum(live)
        at_peak = tuple(live)
        total = start
        for storage, nbytes in events:
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


def _stretches(events: list[tuple[int, int, Label]]) -> Iterator[tuple[Label, list[tuple[int, int]]]]:
    """Events one after the other that have one label."""
    for label, stretch in itertools.groupby(events, key=lambda event: event[2]):
        yield label, [(storage, nbytes) for storage, nbytes, _ in stretch]
