"""Slices that go backwards, `x[:, ::-1]`, which TensorFlow has and PyTorch has not: a flip, and a slice forwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def read_forwards(index: Any, sizes: Sequence[int | None]) -> tuple[list[int], Any]:
    """The axes to flip first, and the index that then means the same; an axis of unknown size only as a whole.

    >>> read_forwards((slice(None), slice(None, None, -1)), (None, 5))
    ([1], (slice(None, None, None), slice(None, None, 1)))
    >>> read_forwards((..., slice(3, 0, -2)), (None, 5))
    ([1], (Ellipsis, slice(1, 4, 2)))
    """
    parts = list(index) if isinstance(index, tuple) else [index]
    flipped = []
    for place, axis in _axes(parts, len(sizes)):
        turned = _turned(parts[place], sizes[axis])
        if turned is not None:
            flipped.append(axis)
            parts[place] = turned
    return flipped, tuple(parts) if flipped else index


def _axes(parts: list[Any], rank: int) -> list[tuple[int, int]]:
    """Which part of an index is about which axis."""
    places = [place for place, part in enumerate(parts) if part is not None and part is not ...]
    points = next((place for place, part in enumerate(parts) if part is ...), len(parts))
    above = [place for place in places if place > points]
    first = [(place, axis) for axis, place in enumerate(place for place in places if place < points)]
    last = [(place, rank - len(above) + number) for number, place in enumerate(above)]
    return [(place, axis) for place, axis in first + last if 0 <= axis < rank]


def _turned(part: Any, size: int | None) -> slice | None:
    """A slice of the flipped axis with the same items, if one goes backwards."""
    if not isinstance(part, slice) or not isinstance(part.step, int) or part.step >= 0:
        return None
    if part.start is None and part.stop is None:
        return slice(None, None, -part.step)
    if not isinstance(size, int):
        return None
    start, stop, step = part.indices(size)
    return slice(size - 1 - start, max(size - 1 - stop, 0), -step)
