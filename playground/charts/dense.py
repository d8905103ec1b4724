"""Drawings of the dense lesson: two answers side by side, and the two weight matrices."""

from __future__ import annotations

import numpy as np

from core.lessons.dense_to_conv.layers import Comparison, followed_cells
from playground.charts import svg
from playground.charts.theme import DATA_SCALE, WEIGHT_SCALE, rgb

WIDTH = 620  # of the cells of all three grids together
GAP = 20  # between grids, as the style sheet of drawings has it


def answers(found: Comparison, cell_row: int) -> str:
    """Picture, convolution's answer, dense answer; above where the drawing was, below where it has moved to.

    The window that output `cell_row` (counted row by row) reads is framed in the picture, the output in the answers.
    """
    size, side = len(found.picture), len(found.answer)
    cell = min(46, WIDTH // (size + 2 * side))
    reach = max(float(np.abs(found.answer).max()), float(np.abs(found.dense_moved).max()), 1.0)
    reads, output = _window(found, cell_row, cell)
    figures = [
        _grid("the drawing", found.picture, 1.0, cell, reads),
        _grid("convolution", found.answer, reach, cell, output),
        _grid("dense layer", found.answer, reach, cell, output),
        _grid("the drawing, moved", found.moved, 1.0, cell, reads),
    ]
    for name, moved in (("convolution", found.conv_moved), ("dense layer", found.dense_moved)):
        same, total = followed_cells(found, moved)
        said = f"{same} of {total} comparable values moved along"
        figures.append(_grid(name, moved, reach, cell, output + _ticks(found, moved, cell), said))
    return svg.row(figures, (size, side, side), (size + 2 * side) * cell + 2 * GAP)


def _grid(title: str, values: np.ndarray, bound: float, cell: int, marks: str, said: str = "") -> str:
    """A grid of numbers under its title, with marks on it."""
    side = len(values) * cell + 1
    cells = svg.numbers(values, rgb(values, bound, DATA_SCALE), 0, 0, cell, _short)
    return svg.figure(svg.root([cells, marks], side, side, ": ".join(filter(None, (title, said)))), title)


def _short(value: float) -> str:
    return svg.plain(round(value, 2))


def _ticks(found: Comparison, moved: np.ndarray, cell: float) -> str:
    """A green frame around each cell that followed, a red one around each that did not."""
    colours = np.where(np.isclose(moved, found.followed, atol=1e-9), svg.GOOD, svg.BAD)
    return "".join(
        svg.box(column * cell + 2, row * cell + 2, cell - 4, cell - 4, colours[row, column], 2, 1)
        for row, column in np.argwhere(found.comparable)
    )


def _window(found: Comparison, cell_row: int, cell: int) -> tuple[str, str]:
    """Where the chosen output reads, and the output itself."""
    size, side = len(found.picture), len(found.answer)
    padding = (side + 2 - size) // 2
    row, column = divmod(cell_row, side)
    left, top = max(column - padding, 0), max(row - padding, 0)
    right, bottom = min(column - padding + 3, size), min(row - padding + 3, size)
    reads = svg.box(left * cell, top * cell, (right - left) * cell, (bottom - top) * cell, svg.MARK, 3, 1)
    return reads, svg.box(column * cell, row * cell, cell, cell, svg.MARK, 3, 1)


def matrix(weights: np.ndarray, cell_row: int, label: str) -> str:
    """A weight matrix (outputs, inputs) as coloured pixels, the row of one output framed."""
    outputs, inputs = weights.shape
    unit = 900 / inputs
    parts = [
        svg.picture(rgb(weights, float(np.abs(weights).max()), WEIGHT_SCALE), 0, 0, 900, outputs * unit),
        svg.box(0, cell_row * unit, 900, unit, svg.MARK, 3, 1),
    ]
    return svg.root(parts, 900, outputs * unit + 1, label)
