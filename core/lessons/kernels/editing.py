"""Editing a kernel: as text, flipped, rotated, made symmetric, scaled."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.errors import PlaygroundError
from core.lessons.kernels.registry import SIDE_CAP, tidy

EDIT_CAP = 9  # the largest side of a grid edited by hand
VALUE_CAP = 1e6


def to_text(weights: np.ndarray) -> str:
    """A kernel as text, rows between semicolons; short enough for a link.

    >>> to_text(np.array([[1, 0, -1], [0.5, 0, -0.5]]))
    '1 0 -1; 0.5 0 -0.5'
    """
    return "; ".join(" ".join(f"{value:.6g}" for value in row) for row in np.asarray(weights) + 0.0)


def from_text(text: str) -> np.ndarray:
    """The kernel that a text describes: rows between semicolons or new lines, numbers between spaces or commas.

    Raises: PlaygroundError if it is empty, ragged, too large or no number; the message says what is wrong.

    >>> from_text("1, 0, -1; 1/2 0 -1/2").tolist()
    [[1.0, 0.0, -1.0], [0.5, 0.0, -0.5]]
    """
    rows = [row.replace(",", " ").split() for row in text.replace("\n", ";").split(";") if row.strip()]
    if not rows or not rows[0]:
        raise PlaygroundError("The kernel has no numbers: write rows like 1 0 -1; 2 0 -2; 1 0 -1.")
    if len({len(row) for row in rows}) > 1:
        *counts, last = (len(row) for row in rows)
        raise PlaygroundError(
            f"The rows of the kernel have {', '.join(map(str, counts))} and {last} numbers: give every row as many."
        )
    if max(len(rows), len(rows[0])) > SIDE_CAP:
        raise PlaygroundError(
            f"A {len(rows)}×{len(rows[0])} kernel is larger than {SIDE_CAP}×{SIDE_CAP}: remove rows or columns."
        )
    return np.array([[_number(word) for word in row] for row in rows])


def _number(word: str) -> float:
    """A decimal number or a fraction such as 1/9."""
    above, slash, below = word.partition("/")
    try:
        value = float(above) / float(below) if slash else float(above)
    except (ValueError, ZeroDivisionError):
        value = float("nan")
    if not abs(value) <= VALUE_CAP:
        raise PlaygroundError(f"{word!r} in the kernel is not a number up to {VALUE_CAP:g}: write -1, 0.25 or 1/9.")
    return value + 0.0


def resized(weights: np.ndarray, height: int, width: int) -> np.ndarray:
    """The kernel cropped or zero-padded to (height, width), its centre kept at the centre."""
    result = np.zeros((height, width))
    (to_row, from_row, rows), (to_column, from_column, columns) = (
        _overlap(old, new) for old, new in zip(weights.shape, (height, width), strict=True)
    )
    shared = weights[from_row : from_row + rows, from_column : from_column + columns]
    result[to_row : to_row + rows, to_column : to_column + columns] = shared
    return result


def _overlap(old: int, new: int) -> tuple[int, int, int]:
    """Where the shared middle of two sides begins in the new one, in the old one, and how long it is."""
    shift = abs(new - old) // 2
    return (shift, 0, old) if new >= old else (0, shift, new)


def normalized(weights: np.ndarray) -> np.ndarray:
    """Scaled to sum to 1, so that uniform areas keep their brightness; where the sum is 0, to absolute sum 1."""
    total = weights.sum()
    scale = total if abs(total) > 1e-9 * np.abs(weights).sum() else np.abs(weights).sum()
    return tidy(weights / scale) if scale else weights


def zero_sum(weights: np.ndarray) -> np.ndarray:
    """Shifted to sum to 0, so that uniform areas give 0."""
    return tidy(weights - weights.mean())


HELPERS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "Make the sum 1": normalized,
    "Make the sum 0": zero_sum,
    "Flip left–right": lambda w: w[:, ::-1],
    "Flip top–bottom": lambda w: w[::-1],
    "Rotate 90°": np.rot90,
    "Symmetrize left–right": lambda w: tidy((w + w[:, ::-1]) / 2),
    "Symmetrize top–bottom": lambda w: tidy((w + w[::-1]) / 2),
    "Negate": lambda w: -w + 0.0,
    "Set all to 0": np.zeros_like,
}
