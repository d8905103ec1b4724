"""Normalization: which cells share statistics, and what that does to a real network."""

from core.lessons.normalization.code_samples import first_cell, lines
from core.lessons.normalization.cube import (
    NUMBERS,
    AffineParameters,
    NormalizationCube,
    TensorSize,
    is_degenerate,
    largest_difference,
    normalized,
    parse_values,
    photographs,
    replaced,
    same_cells,
    same_sets,
    set_labels,
    values,
)
