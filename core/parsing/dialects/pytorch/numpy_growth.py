"""How many numbers a function of numpy makes, told before it makes them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

GROWING = ("repeat", "tile", "pad", "kron", "broadcast_to", "meshgrid", "geomspace", "logspace", "bincount", "tri")


def most_values(name: str, values: list[Any], named: dict[str, Any]) -> float:
    """The most numbers that `np.name(*values, **named)` gives, or some more than that.

    >>> most_values("tile", [[1, 2], 1000], {}), most_values("pad", [[1, 2, 3], (4, 2)], {})
    (2000, 11)
    """
    first, *more = (np.asarray(one, dtype=object) for one in (*values, *named.values()))
    counts = [abs(n) for one in (more[1:] if name.endswith("space") else more) for n in one.ravel() if type(n) is int]
    match name:
        case "kron" | "meshgrid":
            return math.prod(one.size for one in (first, *more)) * (1 + len(more))
        case "pad":
            return math.prod(side + 2 * max(counts, default=0) for side in first.shape)
        case "repeat":
            return first.size * max(counts, default=1)
        case "bincount" | "tri":
            counts = [*counts, *(n for n in first.ravel() if type(n) is int)]
            return max(counts, default=0) ** (1 + (name == "tri"))
    return first.size * math.prod(max(1, n) for n in counts)
