"""The numbers in the cells, in whole hundredths, so that sums and products of them are exact integers.

The browser holds the same few rules; a test compares every cell.
"""

from __future__ import annotations

import numpy as np

from core.lessons.convolution.config import Stepper
from core.lessons.convolution.patterns import KERNELS, PICTURES

ONE = 100  # hundredths
BIASES = (1, -1, 2, -2)


def input_cells(config: Stepper) -> np.ndarray:
    """The input, int64 hundredths, shape (C, H, W)."""
    state = config.effective
    height, width = state.size
    rule = PICTURES[state.picture]
    shape = (state.in_channels, height, width)
    cells = [ONE * rule(state.seed, c, r, q, height, width) for c, r, q in np.ndindex(*shape)]
    return _edited(np.array(cells, dtype=np.int64).reshape(shape), state.x)


def kernel_cells(config: Stepper) -> np.ndarray:
    """The kernels, int64 hundredths, in the shape of the module's `weight`, before `mean` divides them.

    Shape: (out, in / groups, KH, KW); transposed (in, out / groups, KH, KW).
    """
    state = config.effective
    inner = (state.out_channels if state.mode == "transposed" else state.in_channels) // state.groups
    outer = state.in_channels if state.mode == "transposed" else state.out_channels
    shape = (outer, inner, *state.kernel)
    rule = KERNELS[state.weights]
    cells = [ONE * rule(state.seed, o, i, u, v, *state.kernel) for o, i, u, v in np.ndindex(*shape)]
    return _edited(np.array(cells, dtype=np.int64).reshape(shape), state.w)


def bias_cells(config: Stepper) -> np.ndarray:
    """One bias an output channel, int64 hundredths, shape (O,)."""
    state = config.effective
    cells = np.array(BIASES[: state.out_channels], dtype=np.int64) * ONE
    return _edited(cells, state.b) if state.bias else cells * 0


def _edited(cells: np.ndarray, edits: str) -> np.ndarray:
    """The cells with those changed by hand; a change outside the present shape waits until there is room for it."""
    for edit in filter(None, edits.split("~")):
        *index, value = (int(part) for part in edit.split("."))
        if len(index) == cells.ndim and all(at < side for at, side in zip(index, cells.shape, strict=True)):
            cells[tuple(index)] = value
    return cells
