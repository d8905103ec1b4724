"""Drawings of the pooling lesson."""

from __future__ import annotations

import numpy as np

from core.lessons.pooling import Move, Region
from playground.charts import pictures as table
from playground.charts import svg

TILE = 250


def _marked(pooled: np.ndarray, changed: np.ndarray, high: float) -> np.ndarray:
    """A pooled map in grey, with the cells that changed in red."""
    colours = svg.grey(pooled, 0, high).astype(float)
    red = np.array([int(svg.BAD[i : i + 2], 16) for i in (1, 3, 5)])
    colours[changed] = 0.45 * colours[changed] + 0.55 * red
    return np.rint(colours).astype(np.uint8)


def moved(both: Move, tolerance: float) -> str:
    """The view and its pooled map above, the moved view and its pooled map below; what changed is red."""
    high_in, high_out = float(both.view.max()), float(max(both.pooled.max(), both.pooled_moved.max()))

    def changed(before: np.ndarray, after: np.ndarray) -> np.ndarray:
        return np.abs(after - before) > tolerance * float(before.max() - before.min())

    nothing = np.zeros_like(both.view, dtype=bool)
    rows = (
        ("before", both.view, nothing, both.pooled, np.zeros_like(both.pooled, dtype=bool)),
        (
            "moved",
            both.moved,
            changed(both.view, both.moved),
            both.pooled_moved,
            changed(both.pooled, both.pooled_moved),
        ),
    )
    parts = []
    for name, view, view_red, pooled, pooled_red in rows:
        for map_, red, high, words in (
            (view, view_red, high_in, f"{name}, {_size(view)}"),
            (pooled, pooled_red, high_out, f"pooled, {_size(pooled)}"),
        ):
            tile = svg.picture(_marked(map_, red, high), 0, 0, TILE, TILE)
            label = f"{words}: {red.sum()} of {red.size} changed"
            parts.append(svg.figure(svg.root([tile], TILE + 1, TILE + 1, label), words))
    return svg.row(parts, (1, 1), 640)


def _size(map_: np.ndarray) -> str:
    return f"{map_.shape[0]} × {map_.shape[1]}"


def bars(found: dict[str, tuple[int, int]], chosen: str) -> str:
    """One bar a pooling, as HTML: how many of its values stayed, and of how many."""
    return table.bars("".join(_bar(name, same, total, name == chosen) for name, (same, total) in found.items()))


def _bar(name: str, same: int, total: int, chosen: bool) -> str:
    colour, weight = (svg.MARK, 700) if chosen else ("var(--st-primary-color)", 400)
    return (
        f'<div style="font-weight:{weight}">{name}</div>'
        '<div style="background:color-mix(in srgb, currentColor 8%, transparent);border-radius:.2rem">'
        f'<div style="background:{colour};height:.85rem;border-radius:.2rem;width:{same / total:.2%}"></div></div>'
        f'<div style="text-align:right;font-size:.8rem;font-variant-numeric:tabular-nums">{same:,} of {total:,} '
        f"<b>{same / total:.1%}</b></div>"
    )


def pyramid(view: np.ndarray, parts_: list[np.ndarray]) -> str:
    """The map under the grid of each level, and the maxima that each level keeps."""
    height, width = view.shape
    tile = 150
    scale = tile / max(height, width)
    tall, wide = height * scale, width * scale
    figures, high = [], float(view.max())
    for level in parts_:
        side = len(level)
        parts = [svg.picture(svg.grey(view, 0, high), 0, 0, wide, tall)]
        for cut in range(1, side):
            parts.append(_line(wide * cut / side, 0, wide * cut / side, tall))
            parts.append(_line(0, tall * cut / side, wide, tall * cut / side))
        parts.append(svg.picture(svg.grey(level, 0, high), 0, tall + 14, tile, tile))
        label = f"A {height} by {width} map in {side} by {side} parts, and the {side * side} maxima"
        figures.append(svg.figure(svg.root(parts, tile + 1, tall + tile + 15, label), f"{side} × {side}"))
    return svg.row(figures, [1] * len(figures), len(figures) * (tile + 20))


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{svg.MARK}" stroke-width="1.6"/>'


def region(view: np.ndarray, box: tuple[int, int, int, int], found: Region) -> str:
    """The region and its parts on the map, and what comes out, always the same size."""
    unit = 330 / len(view)
    left, top, right, bottom = box
    parts = [svg.picture(svg.grey(view, 0), 0, 0, 330, 330)]
    for a, b, c, d in found.cells:
        parts.append(svg.box(c * unit, a * unit, (d - c) * unit, (b - a) * unit, svg.MARK, 1, 0.9, dash="3 2"))
    parts.append(svg.box(left * unit, top * unit, (right - left + 1) * unit, (bottom - top + 1) * unit, svg.MARK, 3, 1))
    cell = 200 / len(found.maxima)
    maxima = svg.numbers(found.maxima, svg.grey(found.maxima, 0, float(view.max())), 0, 0, cell, "{:.2f}".format)
    words = f"{right - left + 1} × {bottom - top + 1} cells"
    figures = (
        svg.figure(svg.root(parts, 331, 331, f"A region of {words} on the map"), f"the region, {words}"),
        svg.figure(svg.root([maxima], 201, 201, "The maxima of its parts"), f"RoI pooled, {_size(found.maxima)}"),
    )
    return svg.row(figures, (330, 200), 560)
