"""Normalization: the cube that shows who shares statistics, and what that does to a real network."""

from core.labs.normalization.cube import (
    NUMBERS,
    Affine,
    Cube,
    Size,
    labels,
    largest_gap,
    own_values,
    photographs,
    refuses,
    result,
    same_sets,
    values,
)
from core.labs.normalization.written import first_cell, lines

__all__ = [
    "NUMBERS",
    "Affine",
    "Cube",
    "Size",
    "first_cell",
    "labels",
    "largest_gap",
    "lines",
    "own_values",
    "photographs",
    "refuses",
    "result",
    "same_sets",
    "values",
]
