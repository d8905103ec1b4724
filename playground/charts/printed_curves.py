"""Curves of a run as plain SVG, for a page that is read without this app."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from playground.charts.svg import INK, root
from playground.charts.training import COLOURS
from playground.markup import element

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 460, 240, 52, 34, 26
TICKS = 4


def curves(title: str, x: Sequence[float], lines: Mapping[str, Sequence[float]], unit: str = "Epoch") -> Markup:
    """Lines over the same `x`, from 0 to a little above the largest value; a value that is not finite has no point."""
    finite = [value for values in lines.values() for value in values if math.isfinite(value)]
    top = rounded_up(max(finite, default=1.0))
    first, last = (x[0], x[-1]) if x else (0, 1)

    def point(at: float, value: float) -> tuple[float, float]:
        across = (at - first) / ((last - first) or 1)
        return LEFT + across * (WIDTH - LEFT - 12), HEIGHT - BOTTOM - value / top * (HEIGHT - BOTTOM - TOP)

    parts = [_tick(top * step / TICKS, point(first, top * step / TICKS)[1]) for step in range(TICKS + 1)]
    for number, (name, values) in enumerate(lines.items()):
        colour = COLOURS["range"][number]
        points = [point(at, value) for at, value in zip(x, values, strict=True) if math.isfinite(value)]
        path = " ".join(f"{left:.1f},{down:.1f}" for left, down in points)
        parts.append(element("polyline", points=path, fill="none", stroke=colour, stroke_width=2))
        parts += [element("circle", cx=round(left, 1), cy=round(down, 1), r=2.5, fill=colour) for left, down in points]
        parts.append(_words(name, LEFT + 8 + 130 * number, 14, colour))
    parts.append(_words(unit, WIDTH / 2, HEIGHT - 6, INK))
    parts += [_words(f"{at:g}", point(at, 0)[0] - 6, HEIGHT - BOTTOM + 16, INK) for at in dict.fromkeys((first, last))]
    ends = "; ".join(f"{name} ends at {values[-1]:.3f}" for name, values in lines.items() if values)
    return root(parts, WIDTH, HEIGHT, f"{title} over {unit.lower()}s: {ends}")


def rounded_up(value: float) -> float:
    """The next of 1, 2, 2.5, 5 times a power of ten.

    >>> [rounded_up(value) for value in (0.7, 1.0, 2.2, 31)]
    [1.0, 1.0, 2.5, 50.0]
    """
    if value <= 0:
        return 1.0
    decade = 10.0 ** math.floor(math.log10(value))
    return next((step * decade for step in (1, 2, 2.5, 5) if value <= step * decade * (1 + 1e-9)), 10 * decade)


def _tick(value: float, y: float) -> Markup:
    line = element("line", x1=LEFT, x2=WIDTH - 12, y1=y, y2=y, stroke=INK, stroke_opacity=0.2)
    return line + _words(f"{value:g}", 4, y + 4, INK)


def _words(text: str, x: float, y: float, colour: str) -> Markup:
    return element("text", text, x=x, y=y, fill=colour, font_size=12)
