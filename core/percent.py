"""Shares as they are written on the screen."""

from __future__ import annotations


def percent(share: float, decimals: int = 0) -> str:
    """A share of 1 in percent, with a no-break space as in "20 %" (ISO 80000-1).

    >>> percent(0.2), percent(0.12345, 1)
    ('20\\xa0%', '12.3\\xa0%')
    """
    return f"{100 * share:.{decimals}f}\N{NO-BREAK SPACE}%"
