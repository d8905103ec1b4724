"""Drawings of the lesson on fully connected layers and convolutions: two outputs side by side, two weight matrices."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from core.lessons.dense_to_conv.layers import DenseVsConv, equivariant_cells
from playground.charts import svg
from playground.charts.theme import DATA_SCALE, WEIGHT_SCALE, rgb
from playground.markup import joined

WIDTH = 620  # of the cells of all three grids together
GAP = 20  # between grids, as the style sheet of drawings has it
FULLY_CONNECTED = "Fully\u00a0connected"  # in one line on a phone, so that its grid stays level with the others


def outputs(comparison: DenseVsConv, selected: int) -> Markup:
    """Input, output of the convolution and of the fully connected layer; below, the same for the shifted input.

    The window that output `selected` (counted row by row) reads is framed in the input, the cell in the outputs.
    """
    size, side = len(comparison.image), len(comparison.output)
    cell = min(46, WIDTH // (size + 2 * side))
    bound = max(float(np.abs(comparison.output).max()), float(np.abs(comparison.dense_output).max()), 1.0)
    window, output = _frames(comparison, selected, cell)
    figures = [
        _grid("Input", comparison.image, 1.0, cell, window),
        _grid("Convolution", comparison.output, bound, cell, output),
        _grid(FULLY_CONNECTED, comparison.output, bound, cell, output),
        _grid("Input, shifted", comparison.shifted_image, 1.0, cell, window),
    ]
    for name, values in (("Convolution", comparison.conv_output), (FULLY_CONNECTED, comparison.dense_output)):
        same, total = equivariant_cells(comparison, values)
        summary = f"{same} of {total} comparable values shifted with the input"
        figures.append(_grid(name, values, bound, cell, output + _ticks(comparison, values, cell), summary))
    return svg.row(figures, (size, side, side), (size + 2 * side) * cell + 2 * GAP)


def _grid(title: str, values: np.ndarray, bound: float, cell: int, marks: Markup, summary: str = "") -> Markup:
    """A grid of numbers under its title, with marks on it."""
    side = len(values) * cell + 1
    cells = svg.numbers(values, rgb(values, bound, DATA_SCALE), cell, _short)
    return svg.figure(svg.root([cells, marks], side, side, ": ".join(filter(None, (title, summary)))), title)


def _short(value: float) -> str:
    return svg.plain(round(value, 2))


def _ticks(comparison: DenseVsConv, values: np.ndarray, cell: float) -> Markup:
    """A green frame around each cell that shifted with the input, a red one around each that did not."""
    colours = np.where(np.isclose(values, comparison.expected, atol=1e-9), svg.GOOD, svg.BAD)
    return joined(
        svg.box(column * cell + 2, row * cell + 2, cell - 4, cell - 4, colours[row, column], 2, 1)
        for row, column in np.argwhere(comparison.comparable)
    )


def _frames(comparison: DenseVsConv, selected: int, cell: int) -> tuple[Markup, Markup]:
    """A frame around the window that the selected output reads, and one around the output itself."""
    size, side = len(comparison.image), len(comparison.output)
    padding = (side + 2 - size) // 2
    row, column = divmod(selected, side)
    left, top = max(column - padding, 0), max(row - padding, 0)
    right, bottom = min(column - padding + 3, size), min(row - padding + 3, size)
    window = svg.box(left * cell, top * cell, (right - left) * cell, (bottom - top) * cell, svg.MARK, 3, 1)
    return window, svg.box(column * cell, row * cell, cell, cell, svg.MARK, 3, 1)


def matrix(weights: np.ndarray, selected: int, label: str) -> Markup:
    """A weight matrix (outputs, inputs) as coloured pixels, the row of the selected output framed."""
    outputs, inputs = weights.shape
    unit = 900 / inputs
    parts = [
        svg.picture(rgb(weights, float(np.abs(weights).max()), WEIGHT_SCALE), 0, 0, 900, outputs * unit),
        svg.box(0, selected * unit, 900, unit, svg.MARK, 3, 1),
    ]
    return svg.root(parts, 900, outputs * unit + 1, label)
