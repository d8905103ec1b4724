"""How sets and downloads are put into words."""

from __future__ import annotations

from collections.abc import Sequence

from core.datasets import Standing
from playground import units


def listed(names: Sequence[str], most: int = 4) -> str:
    """Some of many names.

    >>> listed(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    rest = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def progress(standing: Standing) -> str:
    """How far it is, in words.

    >>> progress(Standing(12_300_000, 68_606_236, 1, 34.2))
    '12.30 MB of 68.61 MB, about 34 s left'
    """
    if standing.is_unpacking:
        return "All here. Checking it, and sorting it into classes …"
    left = "" if standing.seconds_left is None else f", about {duration(standing.seconds_left)} left"
    return f"{units.decimal(standing.done)} of {units.decimal(standing.total)}{left}"


def duration(seconds: float) -> str:
    """
    >>> duration(34.2), duration(200), duration(7300)
    ('34 s', '3 min', '2 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.0f} h"
