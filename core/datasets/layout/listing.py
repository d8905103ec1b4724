"""The files of a source before and after their layout is understood."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from core.datasets.layout.naming import natural

TRAIN, VALIDATION, TEST = SPLITS = ("train", "validation", "test")
MAX_CLASSES = 1_000
ARCHIVE_BESIDE = "an archive beside the images"  # why it is left out


class SourceFile(NamedTuple):
    """A file of a folder or an archive, and its `size` in bytes as the archive says.

    `read()` gives its bytes or raises PictureError; `stamp` changes with them. `head()` gives the first of them, by
    which a file's kind is recognised; none if they cannot be read.
    """

    read: Callable[[], bytes]
    stamp: str
    head: Callable[[], bytes] = bytes
    size: int = 0


@dataclass(frozen=True)
class SourceContents:
    """All files of a folder or an archive by their path, decoded names with `/` between folders.

    No part of a path is empty, `.` or `..`. `folders` are paths of folders, at least of all that hold no file;
    `left_out` are files that cannot be had, each with a reason in a few words; `notes` are sentences for people: an
    encoding that was assumed, a link that was not followed.
    """

    name: str
    files: Mapping[str, SourceFile]
    folders: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Candidate:
    """A file that ought to be an image. `read()` gives its bytes or raises PictureError; `stamp` changes with them.

    `split` is the part of the data that its folder or a table assigns it to: one of `SPLITS`, or None.
    """

    path: str
    class_name: str
    read: Callable[[], bytes]
    stamp: str
    split: str | None = None


@dataclass(frozen=True)
class LayoutReading:
    """A way in which a layout can be read: its key for `LayoutChoice.reading`, a title, the files of each class.

    `columns` are the columns of files and of classes, if a table says them.
    """

    key: str
    title: str
    class_counts: Mapping[str, int]
    columns: tuple[str, str] | None = None


@dataclass(frozen=True)
class Listing:
    """The files of a source: candidates in class and natural order, and all the others.

    `unlabelled` are images without a class, to be predicted (class name ""). `left_out` gives a reason for each other
    path; `ignored` holds the same paths in natural order. `empty` are folders that look like a class without images.
    `notes` are sentences for people. `reading` is the key of the reading taken, `readings` are all that are possible
    here. `refusal` says why there are not two classes, if so. `labels_stamp` changes with the table that labels them.
    """

    name: str
    candidates: tuple[Candidate, ...]
    ignored: tuple[str, ...]
    unlabelled: tuple[Candidate, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    empty: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reading: str = "folders"
    readings: tuple[LayoutReading, ...] = ()
    refusal: str = ""
    labels_stamp: str = ""

    @property
    def classes(self) -> tuple[str, ...]:
        """The class names, sorted naturally."""
        return tuple(sorted({candidate.class_name for candidate in self.candidates}, key=natural))

    @property
    def class_counts(self) -> dict[str, int]:
        """Files per class, in the order of `classes`."""
        counts = Counter(candidate.class_name for candidate in self.candidates)
        return {name: counts[name] for name in self.classes}

    @property
    def split_counts(self) -> dict[str, dict[str, int]]:
        """Files per class of each split that the source gives, in the order of `SPLITS`; empty if it gives none."""
        counts = Counter((candidate.split, candidate.class_name) for candidate in self.candidates)
        splits = {split: {name: counts[split, name] for name in self.classes} for split in SPLITS}
        return {split: per_class for split, per_class in splits.items() if any(per_class.values())}

    @property
    def fingerprint(self) -> str:
        """A short text that changes whenever a file comes, goes or changes."""
        lines = [f"{candidate.path} {candidate.stamp}" for candidate in self.candidates]
        content = "\n".join([*lines, *filter(None, [self.labels_stamp])])
        return hashlib.blake2b(content.encode(errors="surrogatepass"), digest_size=12).hexdigest()
