"""Drawings of the pooling lesson."""

from __future__ import annotations

import numpy as np

from core.labs.pooling import Move, Region
from playground.charts import svg

TILE, HEAD = 250, 20


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
            tile = [svg.text(words, 0, 14, 13, weight=600), svg.picture(_marked(map_, red, high), 0, HEAD, TILE, TILE)]
            parts.append(
                svg.root(tile, TILE + 1, TILE + HEAD + 1, f"{words}: {red.sum()} of {red.size} changed", share="40%")
            )
    return "".join(parts)


def _size(map_: np.ndarray) -> str:
    return f"{map_.shape[0]} x {map_.shape[1]}"


def bars(found: dict[str, tuple[int, int]], chosen: str) -> str:
    """One bar a pooling: how many of its values stayed, and of how many."""
    width, line, name_width = 560, 24, 140
    parts = []
    for number, (name, (same, total)) in enumerate(found.items()):
        top, share = number * line, same / total
        colour = svg.MARK if name == chosen else "var(--st-primary-color)"
        full = width - name_width - 150
        parts += [
            svg.text(name, name_width - 8, top + 16, 13, "end", weight=700 if name == chosen else 400),
            _bar(name_width, top + 4, full, 'currentColor" opacity="0.08'),
            _bar(name_width, top + 4, full * share, colour),
            svg.text(f"{same:,} of {total:,} ({share:.1%})", name_width + full + 8, top + 16, 12),
        ]
    label = "; ".join(f"{name}: {same} of {total} stayed" for name, (same, total) in found.items())
    return svg.root(parts, width, len(found) * line + 2, label)


def _bar(left: float, top: float, width: float, fill: str) -> str:
    return f'<rect x="{left:g}" y="{top:g}" width="{width:.2f}" height="16" rx="3" fill="{fill}"/>'


def pyramid(view: np.ndarray, parts_: list[np.ndarray]) -> str:
    """The map under the grid of each level, and the maxima that each level keeps."""
    height, width = view.shape
    tile = 150
    scale = tile / max(height, width)
    tall, wide = height * scale, width * scale
    parts, high = [], float(view.max())
    for number, level in enumerate(parts_):
        left, side = number * (tile + 22), len(level)
        parts.append(svg.text(f"{side} x {side}", left, 14, 13, weight=600))
        parts.append(svg.picture(svg.grey(view, 0, high), left, HEAD, wide, tall))
        for cut in range(1, side):
            parts.append(_line(left + wide * cut / side, HEAD, left + wide * cut / side, HEAD + tall))
            parts.append(_line(left, HEAD + tall * cut / side, left + wide, HEAD + tall * cut / side))
        parts.append(svg.picture(svg.grey(level, 0, high), left, HEAD + tall + 14, tile, tile))
    label = f"Spatial pyramid of a {height} x {width} map: " + ", ".join(f"{len(p)} x {len(p)} maxima" for p in parts_)
    return svg.root(parts, len(parts_) * (tile + 22), HEAD + tall + tile + 16, label)


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
    parts.append(svg.text(f"RoI pooled, {_size(found.maxima)}", 360, 14, 13, weight=600))
    parts.append(
        svg.numbers(found.maxima, svg.grey(found.maxima, 0, float(view.max())), 360, 22, cell, "{:.2f}".format)
    )
    return svg.root(parts, 565, 331, f"A region of {right - left + 1} x {bottom - top + 1} cells and its maxima")
