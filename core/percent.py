"""Shares as they are written on the screen."""

from __future__ import annotations


def percent(share: float, digits: int = 1) -> str:
    """A share of 1 in percent, with a space that does not break the line.

    >>> percent(0.2), percent(0.4567, 0)
    ('20.0\\xa0%', '46\\xa0%')
    """
    return f"{100 * share:.{digits}f}\N{NO-BREAK SPACE}%"
