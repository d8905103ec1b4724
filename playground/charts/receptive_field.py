"""A stack of convolutions along one side, drawn: the cells of every layer that one output cell reads."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from playground.charts import svg
from playground.charts.number_tables import SHARE
from playground.markup import element

WIDTH, STEP, MARGIN = 640, 60, 60
LARGEST = 7.0  # radius of a cell


def cone(
    rows: Sequence[Sequence[int]], fields: Sequence[tuple[int, int]], kernel: int, stride: int, dilation: int
) -> Markup:
    """Rows of cells from the input (below) to one output cell (above), and a line for every weight that is used.

    Args: `rows` has the cells read of the output, of each map below and of the input; `fields` are size and jump
        behind each layer, the input's first. Cells of the input that are skipped over are drawn empty.
    """
    size = fields[-1][0]
    unit = (WIDTH - 2 * MARGIN) / max(size, 8)
    height = STEP * (len(rows) - 1) + 50
    lowest = height - 28
    levels = list(reversed(rows))  # the input first
    jumps = [jump for _, jump in fields]
    # a cell of a layer stands over the middle of its own field
    centres = [{cell: _centre(cell, *field) for cell in level} for level, field in zip(levels, fields, strict=True)]
    left = (WIDTH - size * unit) / 2
    at = [
        {cell: (left + (middle + 0.5) * unit, lowest - number * STEP) for cell, middle in level.items()}
        for number, level in enumerate(centres)
    ]
    lines = []
    for above, below in zip(at[1:], at[:-1], strict=True):
        for cell, (x, y) in above.items():
            for tap in range(kernel):
                x2, y2 = below[cell * stride + tap * dilation]
                lines.append(f"M{x:.1f} {y:.1f}L{x2:.1f} {y2:.1f}")
    radius = max(1.2, min(LARGEST, 0.42 * unit))
    parts = [element("path", d="".join(lines), stroke=SHARE, stroke_opacity=0.6, stroke_width=1, fill="none")]
    parts += [
        svg.dot(x, y, min(LARGEST, radius * jump), SHARE)
        for level, jump in zip(at, jumps, strict=True)
        for x, y in level.values()
    ]
    parts += _skipped(size, at[0], left, unit, lowest, radius)
    parts += _names(at, lowest)
    label = f"One output cell of {len(rows) - 1} layers reads {len(rows[-1])} of {size} pixels along one side"
    return svg.figure(svg.root(parts, WIDTH, height, label), "What one output cell reads, along one side")


def _centre(cell: int, size: int, jump: int) -> float:
    return cell * jump + (size - 1) / 2


def _skipped(size: int, read: dict, left: float, unit: float, y: float, radius: float) -> list[Markup]:
    look = {"stroke": "currentColor", "stroke_opacity": 0.5}
    return [svg.dot(left + (cell + 0.5) * unit, y, radius, "none", **look) for cell in range(size) if cell not in read]


def _names(at: Sequence[dict], lowest: float) -> list[Markup]:
    names = ["input", *(f"layer {number}" for number in range(1, len(at)))]
    return [svg.text(name, 0, lowest - number * STEP + 5, 15) for number, name in enumerate(names)]
