"""What a run is asked to do, in plain values: it travels to another process, where nothing of ours is loaded yet."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Source:
    """Where pictures come from; `title` is what people call it.

    A built-in or downloaded set has a `name`. Anything else has a `path`: an archive that somebody gave this server
    (`is_upload`: it is removed when they let go of it, and if it `is_private` nothing of it is kept after that), or a
    folder of this machine, whose `stamp` changes with what lies in it.
    """

    title: str
    name: str = ""
    path: str = ""
    stamp: str = ""
    is_upload: bool = False
    is_private: bool = False

    @property
    def is_named(self) -> bool:
        """Whether everybody knows the set by the same name."""
        return not self.path

    @property
    def where(self) -> str:
        """What `core.datasets.load` takes."""
        return self.path or self.name

    def prepared(self, folder: Path, size: int) -> Path:
        """The file that holds the decoded pictures: beside the archive for an upload, else one for all users."""
        if self.is_upload:
            return Path(self.path).parent / f"decoded-{size}.pt"
        if self.is_named:
            return folder / f"{self.name}-{size}.pt"
        content = hashlib.blake2b(f"{self.path}\n{self.stamp}".encode(errors="surrogatepass"), digest_size=12)
        return folder / f"folder-{content.hexdigest()}-{size}.pt"
