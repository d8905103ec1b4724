"""Normalization: the cube that shows who shares statistics, and what that does to a real network."""

from core.lessons.normalization.code_samples import first_cell, lines
from core.lessons.normalization.cube import (
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
