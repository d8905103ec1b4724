"""What a run is asked to do, in plain values: it travels to another process, where nothing of ours is loaded yet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Source:
    """Where pictures come from: a built-in set by its name, or an archive on disk. `title` is what people call it."""

    title: str
    name: str = ""
    path: str = ""

    @property
    def is_built_in(self) -> bool:
        return not self.path

    @property
    def where(self) -> str:
        """What `core.datasets.load` takes."""
        return self.path or self.name

    def prepared(self, folder: Path, size: int) -> Path:
        """The file that holds the decoded pictures: shared for built-in sets, beside the archive for an upload."""
        return Path(self.path).parent / f"decoded-{size}.pt" if self.path else folder / f"{self.name}-{size}.pt"
