"""What a run has said, a line a bundle, on disk: written by the process that trains, read by whoever watches.

Every look opens the file anew and every bundle is written and closed, which is what makes network file systems show it
at once. A line that a dying process left half is skipped.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Bundle:
    """Messages in the order in which they were said, and when (seconds since 1970)."""

    at: float
    said: tuple[dict, ...]


def write(path: Path, said: Sequence[dict]) -> None:
    """Add a bundle. The line break in front of it ends what may have been left half."""
    line = json.dumps({"at": time.time(), "said": list(said)}, separators=(",", ":"))
    with path.open("ab") as file:
        file.write(f"\n{line}\n".encode())


class Reader:
    """Reads a diary once from its beginning, and from then on what is new."""

    def __init__(self, path: Path) -> None:
        self.path, self._offset = path, 0

    def new(self) -> Iterator[Bundle]:
        """The bundles that were written since the last look."""
        try:
            with self.path.open("rb") as file:
                file.seek(self._offset)
                text = file.read()
        except FileNotFoundError:
            return
        whole = text[: text.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.splitlines():
            if (bundle := _bundle(line)) is not None:
                yield bundle


def _bundle(line: bytes) -> Bundle | None:
    try:
        values = json.loads(line)
        return Bundle(values["at"], tuple(values["said"]))
    except (ValueError, KeyError, TypeError):  # half a line, or the empty one before each bundle
        return None
