"""What the small pictures on home are drawn with: SVG text, 240 x 120, in colours that read on light and on dark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

WIDTH, HEIGHT = 240, 120
GREY, BLUE, ORANGE, GREEN, PURPLE = "#7d8799", "#4f86e8", "#e8710a", "#2a9d74", "#b05fb8"
Point = tuple[float, float]


def picture(*shapes: str) -> str:
    """The whole drawing from its shapes."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" fill="none" '
        f'stroke-linecap="round" stroke-linejoin="round">{"".join(shapes)}</svg>'
    )


def box(x: float, y: float, width: float, height: float, fill: str = "none", opacity: float = 1, **rest: object) -> str:
    """A rectangle; `stroke`, `stroke_width` and `rx` as in SVG."""
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"{_attributes(fill, opacity, rest)}/>'


def dot(x: float, y: float, radius: float, fill: str = "none", opacity: float = 1, **rest: object) -> str:
    """A circle."""
    return f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}"{_attributes(fill, opacity, rest)}/>'


def line(points: Iterable[Point], colour: str = GREY, width: float = 2, opacity: float = 1, fill: str = "none") -> str:
    """Straight strokes through points."""
    path = " ".join(f"{x:.4g},{y:.4g}" for x, y in points)
    return f'<polyline points="{path}"{_attributes(fill, opacity, {"stroke": colour, "stroke_width": width})}/>'


def arrow(x: float, y: float, length: float = 22, colour: str = GREY) -> str:
    """To the right, or to the left for a negative length, from (x, y)."""
    tip, back = x + length, 5 if length > 0 else -5
    return line([(x, y), (tip, y)], colour) + line([(tip - back, y - 5), (tip, y), (tip - back, y + 5)], colour)


def grid(x: float, y: float, cell: float, rows: Sequence[Sequence[float]], colour: str = BLUE) -> str:
    """Cells whose opacity is the number in them, 0..1; a negative number is drawn in orange."""
    return "".join(
        box(x + cell * j, y + cell * i, cell - 2, cell - 2, colour if v >= 0 else ORANGE, 0.1 + 0.9 * abs(v), rx=2)
        for i, row in enumerate(rows)
        for j, v in enumerate(row)
    )


def frame(x: float, y: float, side: float, colour: str = ORANGE) -> str:
    """The window of a kernel."""
    return box(x - 2, y - 2, side + 2, side + 2, stroke=colour, stroke_width=3, rx=4)


def _attributes(fill: str, opacity: float, rest: dict[str, object]) -> str:
    attributes = {"fill": fill} | ({"opacity": f"{opacity:.3g}"} if opacity < 1 else {}) | rest
    return "".join(f' {name.replace("_", "-")}="{value}"' for name, value in attributes.items())
