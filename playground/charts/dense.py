"""Drawings of the dense lesson: two answers side by side, and the two weight matrices."""

from __future__ import annotations

import numpy as np

from core.labs.dense import Comparison, followed_cells
from playground.charts import svg
from playground.charts.theme import DATA_SCALE, WEIGHT_SCALE, rgb

GAP, HEAD = 34, 22
WIDTH = 620  # of the cells of all three grids together


def _ticks(right: np.ndarray, asked: np.ndarray, x: float, y: float, cell: float) -> str:
    """A green frame around each cell that followed, a red one around each that did not."""
    parts = []
    for (row, column), good in np.ndenumerate(right):
        if asked[row, column]:
            colour = svg.GOOD if good else svg.BAD
            parts.append(svg.box(x + column * cell + 2, y + row * cell + 2, cell - 4, cell - 4, colour, 2, 1))
    return "".join(parts)


def answers(found: Comparison, cell_row: int) -> str:
    """Picture, convolution's answer, dense answer; above where the drawing was, below where it has moved to.

    The window that output `cell_row` (counted row by row) reads is framed in the picture, the output in the answers.
    """
    size, side = len(found.picture), len(found.answer)
    cell = min(46, WIDTH // (size + 2 * side))
    reach = max(float(np.abs(found.answer).max()), float(np.abs(found.dense_moved).max()), 1.0)
    lefts = (0, size * cell + GAP, (size + side) * cell + 2 * GAP)
    lower = HEAD + size * cell + HEAD + 14
    parts = []
    rows = (
        (HEAD, found.picture, found.answer, found.answer, "the drawing"),
        (lower, found.moved, found.conv_moved, found.dense_moved, "the drawing, moved"),
    )
    for top, picture, conv, dense, name in rows:
        for left, values, title, bound in (
            (lefts[0], picture, name, 1.0),
            (lefts[1], conv, "convolution", reach),
            (lefts[2], dense, "dense layer", reach),
        ):
            parts.append(svg.text(title, left, top - 7, 13, weight=600))
            parts.append(svg.numbers(values, rgb(values, bound, DATA_SCALE), left, top, cell, _short))
        parts += _window(found, cell_row, lefts, top, cell)
    for left, moved in ((lefts[1], found.conv_moved), (lefts[2], found.dense_moved)):
        same = np.isclose(moved, found.followed, atol=1e-9)
        parts.append(_ticks(same, found.comparable, left, lower, cell))
    width, height = lefts[2] + side * cell, lower + size * cell
    conv_same, total = followed_cells(found, found.conv_moved)
    dense_same, _ = followed_cells(found, found.dense_moved)
    label = (
        f"After the move {conv_same} of {total} comparable values of the convolution moved along, "
        f"{dense_same} of {total} of the dense layer."
    )
    return svg.root(parts, width + 1, height + 1, label, shown_width=width)


def _short(value: float) -> str:
    return svg.plain(round(value, 2))


def _window(found: Comparison, cell_row: int, lefts: tuple[int, int, int], top: int, cell: int) -> list[str]:
    """Where the chosen output reads, and the output itself."""
    size, side = len(found.picture), len(found.answer)
    padding = (side + 2 - size) // 2
    row, column = divmod(cell_row, side)
    left_cell, top_cell = max(column - padding, 0), max(row - padding, 0)
    right_cell, bottom_cell = min(column - padding + 3, size), min(row - padding + 3, size)
    reads = svg.box(
        lefts[0] + left_cell * cell,
        top + top_cell * cell,
        (right_cell - left_cell) * cell,
        (bottom_cell - top_cell) * cell,
        svg.MARK,
        3,
        1,
    )
    outputs = (svg.box(left + column * cell, top + row * cell, cell, cell, svg.MARK, 3, 1) for left in lefts[1:])
    return [reads, *outputs]


def matrix(weights: np.ndarray, cell_row: int, label: str) -> str:
    """A weight matrix (outputs, inputs) as coloured pixels, the row of one output framed."""
    outputs, inputs = weights.shape
    unit = 900 / inputs
    parts = [
        svg.picture(rgb(weights, float(np.abs(weights).max()), WEIGHT_SCALE), 0, 0, 900, outputs * unit),
        svg.box(0, cell_row * unit, 900, unit, svg.MARK, 3, 1),
    ]
    return svg.root(parts, 900, outputs * unit + 1, label)
