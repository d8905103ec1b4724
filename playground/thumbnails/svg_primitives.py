"""What the small pictures on home are drawn with: SVG text, 240 x 120, in colours that read on light and on dark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from playground.charts.svg import Attribute, rect
from playground.markup import element, joined

WIDTH, HEIGHT = 240, 120
GREY, BLUE, ORANGE, GREEN, PURPLE = "#7d8799", "#4f86e8", "#e8710a", "#2a9d74", "#b05fb8"
Point = tuple[float, float]


def picture(*shapes: Markup) -> Markup:
    """The whole drawing from its shapes."""
    look = {"fill": "none", "stroke_linecap": "round", "stroke_linejoin": "round"}
    return element("svg", shapes, xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {WIDTH} {HEIGHT}", **look)


def box(
    x: float, y: float, width: float, height: float, fill: str = "none", opacity: float = 1, **rest: Attribute
) -> Markup:
    """A rectangle; `rest` as SVG names it."""
    return rect(x, y, width, height, fill, opacity=_opacity(opacity), **rest)


def dot(x: float, y: float, radius: float, fill: str = "none") -> Markup:
    """A filled circle."""
    return element("circle", cx=x, cy=y, r=radius, fill=fill)


def ring(x: float, y: float, radius: float, colour: str) -> Markup:
    """A dashed circle."""
    return element("circle", cx=x, cy=y, r=radius, fill="none", stroke=colour, stroke_width=1.6, stroke_dasharray="3 3")


def line(
    points: Iterable[Point], colour: str = GREY, width: float = 2, opacity: float = 1, fill: str = "none"
) -> Markup:
    """Straight strokes through points."""
    path = " ".join(f"{x:.4g},{y:.4g}" for x, y in points)
    return element("polyline", points=path, fill=fill, opacity=_opacity(opacity), stroke=colour, stroke_width=width)


def arrow(x: float, y: float, length: float = 22, colour: str = GREY) -> Markup:
    """To the right, or to the left for a negative length, from (x, y)."""
    tip, back = x + length, 5 if length > 0 else -5
    return line([(x, y), (tip, y)], colour) + line([(tip - back, y - 5), (tip, y), (tip - back, y + 5)], colour)


def grid(x: float, y: float, cell: float, rows: Sequence[Sequence[float]], colour: str = BLUE) -> Markup:
    """Cells whose opacity is the number in them, 0..1; a negative number is drawn in orange."""
    return joined(
        box(x + cell * j, y + cell * i, cell - 2, cell - 2, colour if v >= 0 else ORANGE, 0.1 + 0.9 * abs(v), rx=2)
        for i, row in enumerate(rows)
        for j, v in enumerate(row)
    )


def frame(x: float, y: float, side: float, colour: str = ORANGE) -> Markup:
    """The window of a kernel."""
    return box(x - 2, y - 2, side + 2, side + 2, stroke=colour, stroke_width=3, rx=4)


def _opacity(share: float) -> str | None:
    return f"{share:.3g}" if share < 1 else None
