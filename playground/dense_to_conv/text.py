"""The sentences of the page, each a function of the numbers that it is about."""

from __future__ import annotations

import numpy as np

from core.lessons.dense_to_conv.layers import DenseVsConv, DenseVsConvSetup, equivariant_cells


def equivariance(setup: DenseVsConvSetup, comparison: DenseVsConv) -> str:
    """How many values shift with the input in either layer, where anything is shifted at all."""
    same = "Both layers give the **same output** for the drawing above."
    if (setup.right, setup.down) == (0, 0):
        return f"{same} Shift the drawing to see in which layer the output shifts with it."
    if not comparison.shifted_image.any():
        return f"{same} This shift moves the whole drawing out of the image, so both give 0 everywhere: shift it less."
    conv_same, total = equivariant_cells(comparison, comparison.conv_output)
    dense_same, _ = equivariant_cells(comparison, comparison.dense_output)
    values = "the one value" if total == 1 else f"the {total} values"
    return (
        f"{same} Then it is shifted; of {values} that should simply shift with it, **{conv_same} "
        f"{'does' if conv_same == 1 else 'do'} in the convolution** (translation equivariance) and **{dense_same} in "
        "the fully connected layer**, whose weights were fitted to the drawing in one position only."
    )


def conv_matrix(matrix: np.ndarray) -> str:
    """What stands in the matrix of the convolution."""
    nonzero = matrix[matrix != 0]
    distinct = len(np.unique(nonzero))
    values = f"{distinct} different values" if distinct > 1 else "one value"
    return f"**Convolution as a matrix**: {values} in {nonzero.size:,} positions, 0 elsewhere"
