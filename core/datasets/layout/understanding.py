"""What was understood of a source, for people and for programs, before anything is decoded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.datasets.layout.choice import LayoutChoice
from core.datasets.layout.listing import LayoutReading, Listing
from core.datasets.layout.messages.amounts import too_few


@dataclass(frozen=True)
class Understanding:
    """Classes with the number of files of each, splits, what was left out and why, and other possible readings.

    `split_counts` is files per class of each split that the source gives; `left_out` is path -> reason.
    """

    name: str
    choice: LayoutChoice
    class_counts: Mapping[str, int]
    split_counts: Mapping[str, Mapping[str, int]]
    unlabelled: tuple[str, ...]
    left_out: Mapping[str, str]
    empty: tuple[str, ...]
    notes: tuple[str, ...]
    reading: str
    readings: tuple[LayoutReading, ...]
    refusal: str

    @classmethod
    def of(cls, listing: Listing, choice: LayoutChoice) -> Understanding:
        """What a listing says."""
        return cls(
            name=listing.name,
            choice=choice,
            class_counts=listing.class_counts,
            split_counts=listing.split_counts,
            unlabelled=tuple(candidate.path for candidate in listing.unlabelled),
            left_out=listing.left_out,
            empty=listing.empty,
            notes=(*listing.notes, *too_few(listing)),
            reading=listing.reading,
            readings=listing.readings,
            refusal=listing.refusal,
        )

    def as_json(self) -> dict[str, Any]:
        """The same as plain values for `json.dumps`."""
        return {
            "name": self.name,
            "layout": str(self.choice),
            "reading": self.reading,
            "classes": dict(self.class_counts),
            "splits": {split: dict(counts) for split, counts in self.split_counts.items()},
            "unlabelled": len(self.unlabelled),
            "left_out": dict(self.left_out),
            "empty": list(self.empty),
            "notes": list(self.notes),
            "readings": [
                {"key": reading.key, "title": reading.title, "classes": dict(reading.class_counts)}
                for reading in self.readings
            ],
            "refusal": self.refusal,
        }
