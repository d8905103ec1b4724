"""What became of the files of a source, from which sentences are made."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.datasets.layout.choice import LayoutChoice
from core.datasets.layout.listing import SourceContents
from core.datasets.layout.readings.evidence import Evidence
from core.datasets.layout.readings.possible import ClassReading


@dataclass
class Outcome:
    """Image -> class and split, class -> the spellings merged into it, path -> why it is left out.

    `unused_lists` are files that list images as splits do and are not used as such.
    """

    contents: SourceContents
    choice: LayoutChoice
    evidence: Evidence
    taken: ClassReading | None
    class_of: dict[str, str]
    split_of: dict[str, str]
    spellings: dict[str, list[str]]
    left_out: dict[str, str]
    unused_lists: tuple[str, ...] = ()
    unlabelled: list[str] = field(default_factory=list)
