"""Numbers rounded so that what is printed adds up: each is rounded up or down, whichever makes the sum come out."""

from __future__ import annotations

import math
from collections.abc import Iterable


def printed_parts(values: Iterable[float], digits: int = 4) -> list[float]:
    """Parts of a sum with `digits` decimals, whose sum is the rounded sum of all; none is off by a whole last digit.

    The parts with the largest remainders are rounded up (Hamilton's method).

    >>> printed_parts([1 / 3, 1 / 3, 1 / 3], 2)
    [0.34, 0.33, 0.33]
    """
    scaled = [value * 10**digits for value in values]
    floors = [math.floor(value) for value in scaled]
    missing = round(math.fsum(scaled)) - sum(floors)
    order = sorted(range(len(scaled)), key=lambda k: floors[k] - scaled[k])
    for k in order[:missing]:
        floors[k] += 1
    return [value / 10**digits for value in floors]
