"""Drawings of networks as wholes: a size on its way through a stack."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from playground.charts import svg
from playground.markup import element

WIDTH, HEIGHT, FLOOR = 600, 262, 208
BAR, LIVE = "#2f6fde", 0.85


def stack_of_sizes(sizes: Sequence[int], layers: int, label: str) -> Markup:
    """A bar a layer, as high as its side; where a layer did not fit, a red cross. The input is the first bar, in grey.

    Args: `sizes` the input's side and those of the layers that fit; `layers` how many were asked for.
    """
    step = WIDTH / (layers + 1)
    scale = (FLOOR - 34) / max(sizes)
    parts = [_bar(index, size, step, scale) for index, size in enumerate(sizes)]
    labelled = _labelled(sizes, step)
    parts += [_number(index, sizes[index], step, scale) for index in labelled]
    if len(sizes) <= layers:
        parts.append(_cross((len(sizes) + 0.5) * step, FLOOR - 12))
    input_at = (step / 2, "middle") if step >= 40 else (0, "start")
    parts.append(svg.text("Input", input_at[0], FLOOR + 44, 15, input_at[1], opacity=0.7))
    parts += [
        svg.text(str(index), (index + 0.5) * step, FLOOR + 20, 15, "middle", opacity=0.7) for index in labelled if index
    ]
    parts.append(svg.text("Layer", WIDTH / 2, FLOOR + 44, 15, "middle", opacity=0.7))
    return svg.root(parts, WIDTH, HEIGHT, label)


def _bar(index: int, size: int, step: float, scale: float) -> Markup:
    height = max(size * scale, 1)
    colour, thickness = ("#8a93a5" if index == 0 else BAR), max(step * 0.82, 1)
    left = index * step + (step - thickness) / 2
    return svg.rect(left, FLOOR - height, thickness, height, colour, rx=min(3, thickness / 4), fill_opacity=LIVE)


def _number(index: int, size: int, step: float, scale: float) -> Markup:
    middle = max((index + 0.5) * step, 4.7 * len(str(size)))  # the first one stays inside
    return svg.text(str(size), middle, FLOOR - max(size * scale, 1) - 6, 16, "middle", weight=600)


def _labelled(sizes: Sequence[int], step: float) -> list[int]:
    """Bars far enough apart to carry a number: the first, the last, and those between."""
    room = max(1, round(44 / step + 0.5))
    last = len(sizes) - 1
    between = [index for index in range(room, last, room) if last - index >= room]
    return [0, *between, last] if last else [0]


def _cross(x: float, y: float, arm: float = 7) -> Markup:
    ends = f"M{x - arm:.1f} {y - arm}L{x + arm:.1f} {y + arm}M{x - arm:.1f} {y + arm}L{x + arm:.1f} {y - arm}"
    return element("path", d=ends, stroke=svg.BAD, stroke_width=3, stroke_linecap="round")
