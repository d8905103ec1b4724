"""Shares as they are written on the screen."""

from __future__ import annotations


def percent(share: float, digits: int = 1) -> str:
    """A share of 1 in percent, with a space that does not break the line.

    >>> percent(0.2), percent(0.4567, 0)
    ('20.0\\xa0%', '46\\xa0%')
    """
    return f"{100 * share:.{digits}f}\N{NO-BREAK SPACE}%"


def percent_apart(share: float, bound: float, digits: int = 1, most: int = 6) -> str:
    """The same, with more digits where it would read like a bound that it is below or above.

    >>> percent_apart(0.0998, 0.1, 0), percent_apart(0.1, 0.1, 0), percent_apart(0.12, 0.1, 0)
    ('9.98\\xa0%', '10\\xa0%', '12\\xa0%')
    """
    while share != bound and digits < most and float(f"{100 * share:.{digits}f}") == float(f"{100 * bound:.{digits}f}"):
        digits += 1
    return percent(share, digits)
