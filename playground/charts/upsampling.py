"""Drawings of the upsampling lesson: enlarged pictures, write counts, and windows over a padded row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from playground.charts import svg
from playground.charts.theme import DATA_SCALE, rgb
from playground.markup import element, joined

TILE = 200


def tiles(pictures: dict[str, np.ndarray], notes: dict[str, str]) -> Markup:
    """Pictures (H, W, 3) in 0..1, each under its name and over its note, as drawings that wrap; values are clipped."""
    parts = []
    for name, picture in pictures.items():
        colours = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
        tile = svg.root([svg.picture(colours, 0, 0, TILE, TILE)], TILE + 1, TILE + 1, f"{name}: {notes[name]}")
        parts.append(svg.figure(tile, name, notes[name], style=f"flex:1 1 max(28%,130px);max-width:{TILE * 1.25:g}px"))
    return joined(parts)


def write_counts(counts: np.ndarray, kernel: int, stride: int) -> Markup:
    """How many inputs are added into each output of a transposed convolution, as numbers in colour."""
    cell = min(30, 560 / len(counts))
    colours = rgb(counts, float(counts.max()) * 1.3, DATA_SCALE)
    side = cell * len(counts) + 1
    label = f"Inputs per output, {kernel}×{kernel} kernel with stride {stride}: from {counts.min()} to {counts.max()}"
    return svg.root([svg.numbers(counts, colours, cell)], side, side, label)


def windows(size: int, kernel: int, stride: int, padding: tuple[int, int], unread: Sequence[int], label: str) -> Markup:
    """One row of a picture, padded, and the windows over it. Cells that no window reads are hatched.

    `unread` are their positions, counted from the first cell of the picture.
    """
    before, after = padding
    total = size + before + after
    cell = min(34.0, 640 / total)
    outputs = (total - kernel) // stride + 1
    stroke = element("path", d="M0 5L5 0", stroke="currentColor", stroke_width=1)
    hatch = element("pattern", stroke, id="hatch", width=5, height=5, patternUnits="userSpaceOnUse")
    parts, frame = [element("defs", hatch)], {"stroke": svg.INK, "stroke_opacity": 0.4}
    for position in range(total):
        padded, left = not before <= position < before + size, position * cell
        fills = [(svg.INK, 0.16) if padded else ("var(--st-primary-color)", 0.3)]
        fills += [("url(#hatch)", 1.0)] if position - before in unread else []
        parts += [svg.rect(left, 0.5, cell, cell, fill, fill_opacity=opacity, **frame) for fill, opacity in fills]
        words = "" if padded else str(position - before)
        number = svg.text(words, left + cell / 2, cell * 0.66, cell * 0.42, "middle")
        parts.append(element("g", number, paint_order="stroke", stroke="var(--st-background-color)", stroke_width=3))
    for output in range(outputs):
        top, left, opacity = cell + 8 + (output % 3) * 12, output * stride * cell + 2, 1 - 0.25 * (output % 3)
        parts.append(svg.rect(left, top, kernel * cell - 4, 8, svg.MARK, rx=4, opacity=opacity))
    return svg.root(parts, total * cell + 1, cell + 46, label)
