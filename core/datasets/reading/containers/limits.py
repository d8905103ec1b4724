"""How much of a folder or an archive is read, archives inside it included."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import DataError
from core.images import BYTE_CAP
from core.limits import limits

ENTRY_CAP = limits().archive_files
DIRECTORY_CAP = 8_000_000  # bytes of tables of contents, names above all: 130 an entry
UNPACKED_CAP = limits().unpacked_bytes
RATIO_CAP = 100  # photographs hardly shrink at all; a bomb shrinks a thousandfold
HEAD = 4096  # bytes of a file's beginning by which its kind is recognised


class ArchiveTooLarge(DataError):
    """A source passes a limit as a whole, so that none of it is read."""


@dataclass
class UnpackingBudget:
    """What one source has used so far. Each method raises ArchiveTooLarge when it is too much."""

    entries: int = 0
    directory_bytes: int = 0
    unpacked_bytes: int = 0
    packed_bytes: int = 0

    def add_entries(self, count: int) -> None:
        self.entries += count
        if self.entries > ENTRY_CAP:
            raise ArchiveTooLarge(
                f"This archive holds {self.entries:,} files and the limit is {ENTRY_CAP:,}: split it."
            )

    def add_directory(self, size: int) -> None:
        """Count bytes of names and of what else describes the files."""
        self.directory_bytes += size
        if self.directory_bytes > DIRECTORY_CAP:
            raise ArchiveTooLarge(
                f"This archive lists too many files, or files with very long names (the limit is {ENTRY_CAP:,} files "
                f"and {DIRECTORY_CAP / 1e6:.0f} MB of names): split it, or shorten the names."
            )

    def add_bytes(self, unpacked: int, packed: int) -> None:
        """Count content that is, or would be, `unpacked` bytes long and takes `packed` bytes in the archive."""
        self.unpacked_bytes += unpacked
        self.packed_bytes += packed
        if self.unpacked_bytes > UNPACKED_CAP:
            size = f"{self.unpacked_bytes / 1e9:,.1f} GB and the limit is {UNPACKED_CAP / 1e9:.0f} GB"
            raise ArchiveTooLarge(f"This archive unpacks to {size}: use fewer images.")
        if self.unpacked_bytes > RATIO_CAP * max(self.packed_bytes, 1) and self.unpacked_bytes > BYTE_CAP:
            ratio = self.unpacked_bytes / max(self.packed_bytes, 1)
            text = f"This archive unpacks to {ratio:,.0f} times its size, which images never do"
            raise ArchiveTooLarge(f"{text}: zip them again.")
