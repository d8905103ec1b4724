"""Small pictures of the lessons on signals and gradients; their curves are the real ones."""

from __future__ import annotations

import math
from collections.abc import Callable

from markupsafe import Markup

from playground.markup import element
from playground.thumbnails.svg_primitives import BLUE, GREEN, GREY, ORANGE, arrow, box, dot, line, picture


def curve(y: Callable[[float], float], colour: str) -> Markup:
    """y over -3.5..3.1, 26 units of the drawing to one of y."""
    xs = [k / 10 for k in range(-35, 32)]
    return line([(120 + 30 * x, 92 - 26 * y(x)) for x in xs], colour, 3)


def activations() -> Markup:
    return picture(
        line([(10, 92), (230, 92)], GREY, 1),
        line([(120, 8), (120, 112)], GREY, 1),
        curve(lambda x: 1 / (1 + math.exp(-x)), GREEN),
        curve(lambda x: max(0.0, x), BLUE),
        curve(lambda x: 0.5 * x * (1 + math.erf(x / math.sqrt(2))), ORANGE),
    )


def gradients() -> Markup:
    """Bars of 0.6 to the power of the layer: a gradient on its way back."""
    heights = [84 * 0.6**layer for layer in range(7)]
    bars = [box(198 - 28 * k, 104 - height, 20, height, BLUE, rx=3) for k, height in enumerate(heights)]
    return picture(*bars, line([(22, 104), (222, 104)], GREY, 1.5), arrow(160, 24, -70, ORANGE))


def initialization() -> Markup:
    def bell(x: float, spread: float, colour: str) -> Markup:
        ts = [k / 20 for k in range(-20, 21)]
        points = [(x + 34 * t, 98 - 22 / spread**0.75 * math.exp(-0.5 * (t / (0.3 * spread)) ** 2)) for t in ts]
        return line(points, colour, 3)

    return picture(
        line([(10, 98), (230, 98)], GREY, 1.5), bell(44, 0.2, GREY), bell(120, 0.6, BLUE), bell(196, 1.6, ORANGE)
    )


def descend(lr: float, momentum: float, steps: int = 40) -> list[tuple[float, float]]:
    """Where SGD goes on f(x, y) = (x^2 + 12 y^2) / 2 from (-3, 1), PyTorch's momentum."""
    x, y, vx, vy = -3.0, 1.0, 0.0, 0.0
    path = [(x, y)]
    for _ in range(steps):
        vx, vy = momentum * vx + x, momentum * vy + 12 * y
        x, y = x - lr * vx, y - lr * vy
        path.append((x, y))
    return path


def optimizers() -> Markup:
    def on_canvas(path: list[tuple[float, float]]) -> list[tuple[float, float]]:
        return [(128 + 31 * x, 60 - 38 * y) for x, y in path]

    rings = [
        element("ellipse", cx=128, cy=60, rx=104 * s, ry=46 * s, stroke=GREY, stroke_width=1.2, opacity=0.6)
        for s in (0.25, 0.5, 0.75, 1)
    ]
    return picture(
        *rings,
        line(on_canvas(descend(0.155, 0.0)), ORANGE, 2),
        line(on_canvas(descend(0.03, 0.7)), BLUE, 2.6),
        dot(*on_canvas([(-3.0, 1.0)])[0], 4, GREY),
        dot(128, 60, 4.5, GREEN),
    )


PICTURES = {draw.__name__: draw for draw in (activations, gradients, initialization, optimizers)}
