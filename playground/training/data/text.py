"""How datasets and downloads are put into words."""

from __future__ import annotations

from collections.abc import Sequence

from core.datasets import DownloadState
from playground import units


def listed(names: Sequence[str], most: int = 4) -> str:
    """Some of many names.

    >>> listed(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    rest = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def progress(state: DownloadState) -> str:
    """The progress of a download, in words.

    >>> progress(DownloadState(12_300_000, 68_606_236, 1, 34.2))
    '12.30 MB of 68.61 MB, about 34 s left'
    """
    if state.is_unpacking:
        return "Downloaded. Verifying and sorting into classes …"
    left = "" if state.seconds_left is None else f", about {duration(state.seconds_left)} left"
    return f"{units.decimal(state.done)} of {units.decimal(state.total)}{left}"


def duration(seconds: float) -> str:
    """
    >>> duration(34.2), duration(200), duration(7300)
    ('34 s', '3 min', '2 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.0f} h"
