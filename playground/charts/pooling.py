"""Drawings of the pooling lesson."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from core.lessons.pooling import PooledRegion, ShiftComparison, changed
from core.percent import percent
from playground.charts import pictures as table
from playground.charts import svg
from playground.charts.theme import tinted
from playground.markup import element

TILE = 250


def _marked(values: np.ndarray, mask: np.ndarray, high: float) -> np.ndarray:
    """A map in grey, masked cells in red."""
    return tinted(svg.grey(values, 0, high), mask, svg.BAD, 0.45)


def shifted(result: ShiftComparison, tolerance: float) -> Markup:
    """The view and its pooled map above, the shifted view and its pooled map below; what changed is red."""
    high_in, high_out = float(result.view.max()), float(max(result.pooled.max(), result.pooled_shifted.max()))
    nothing, nothing_pooled = (np.zeros(map_.shape, dtype=bool) for map_ in (result.view, result.pooled))
    rows = (
        ("Original", result.view, nothing, result.pooled, nothing_pooled),
        (
            "Shifted",
            result.shifted,
            changed(result.view, result.shifted, tolerance),
            result.pooled_shifted,
            changed(result.pooled, result.pooled_shifted, tolerance),
        ),
    )
    tiles = []
    for name, view, view_red, pooled, pooled_red in rows:
        tiles.append(_tile(view, view_red, high_in, f"{name}, {_size(view)}"))
        tiles.append(_tile(pooled, pooled_red, high_out, f"{name}, pooled, {_size(pooled)}"))
    return svg.row(tiles, (1, 1), 640)


def _tile(values: np.ndarray, mask: np.ndarray, high: float, title: str) -> Markup:
    tile = svg.picture(_marked(values, mask, high), 0, 0, TILE, TILE)
    label = f"{title}: {mask.sum()} of {mask.size} values changed"
    return svg.figure(svg.root([tile], TILE + 1, TILE + 1, label), title)


def _size(map_: np.ndarray) -> str:
    return f"{map_.shape[0]}×{map_.shape[1]}"


def bars(counts: dict[str, tuple[int, int]], chosen: str, settings: dict[str, str]) -> Markup:
    """One bar per pooling, as HTML: how many of its values are unchanged, of how many; under its name its setting."""
    return table.bars(
        _bar(name, settings.get(name, ""), same, total, name == chosen) for name, (same, total) in counts.items()
    )


def _bar(name: str, setting: str, same: int, total: int, chosen: bool) -> Markup:
    colour, weight = (svg.MARK, 700) if chosen else ("var(--st-primary-color)", 400)
    length = element("div", style=f"background:{colour};height:.85rem;border-radius:.2rem;width:{same / total:.2%}")
    rail = "background:color-mix(in srgb, currentColor 8%, transparent);border-radius:.2rem"
    look = "text-align:right;font-size:.8rem;font-variant-numeric:tabular-nums"
    small = element("div", setting, style="font-size:.72rem;opacity:.7;font-weight:400;line-height:1.1")
    return (
        element("div", name, small, style=f"font-weight:{weight};line-height:1.25")
        + element("div", length, style=rail)
        + element("div", f"{same:,} of {total:,} ", element("b", percent(same / total)), style=look)
    )


def pyramid(view: np.ndarray, levels: list[np.ndarray]) -> Markup:
    """The map under the grid of each level, and the maxima of its bins."""
    height, width = view.shape
    tile = 150
    scale = tile / max(height, width)
    tall, wide = height * scale, width * scale
    figures, high = [], float(view.max())
    for level in levels:
        side = len(level)
        parts = [svg.picture(svg.grey(view, 0, high), 0, 0, wide, tall)]
        for cut in range(1, side):
            x, y = wide * cut / side, tall * cut / side
            parts += [svg.line(*ends, svg.MARK, stroke_width=1.6) for ends in ((x, 0, x, tall), (0, y, wide, y))]
        parts.append(svg.picture(svg.grey(level, 0, high), 0, tall + 14, tile, tile))
        label = f"A {height}×{width} map in {side}×{side} bins, and their {side * side} maxima"
        figures.append(svg.figure(svg.root(parts, tile + 1, tall + tile + 15, label), f"{side}×{side}"))
    return svg.row(figures, [1] * len(figures), len(figures) * (tile + 20))


def region(view: np.ndarray, box: tuple[int, int, int, int], result: PooledRegion) -> Markup:
    """The region and its bins on the map, and the output, always of one size."""
    unit = 330 / len(view)
    left, top, right, bottom = box
    parts = [svg.picture(svg.grey(view, 0), 0, 0, 330, 330)]
    for a, b, c, d in result.bins:
        parts.append(svg.box(c * unit, a * unit, (d - c) * unit, (b - a) * unit, svg.MARK, 1, 0.9, dash="3 2"))
    parts.append(svg.box(left * unit, top * unit, (right - left + 1) * unit, (bottom - top + 1) * unit, svg.MARK, 3, 1))
    cell = 200 / len(result.maxima)
    maxima = svg.numbers(result.maxima, svg.grey(result.maxima, 0, float(view.max())), cell, "{:.2f}".format)
    size = f"{bottom - top + 1}×{right - left + 1}"
    figures = (
        svg.figure(svg.root(parts, 331, 331, f"A region of {size} on the map"), f"Region, {size}"),
        svg.figure(svg.root([maxima], 201, 201, "The maxima of its bins"), f"RoI pooling, {_size(result.maxima)}"),
    )
    return svg.row(figures, (330, 200), 560)
