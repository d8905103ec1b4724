"""Small pictures of the lessons on regularization, and of the tools."""

from __future__ import annotations

import math
from itertools import pairwise

from markupsafe import Markup

from playground.markup import joined
from playground.thumbnails.svg_primitives import BLUE, GREEN, GREY, ORANGE, box, dot, line, picture, ring


def _slab(x: float, y: float, wide: float, high: float, deep: float, colour: str, opacity: float = 1) -> Markup:
    """A block seen from the front and a little from above right."""
    d = deep * 0.5
    top = [(x, y), (x + d, y - d), (x + wide + d, y - d), (x + wide, y)]
    side = [(x + wide, y), (x + wide + d, y - d), (x + wide + d, y + high - d), (x + wide, y + high)]
    return (
        box(x, y, wide, high, colour, 0.85 * opacity)
        + line([*top, top[0]], colour, 1, 0.6 * opacity, fill=colour)
        + line([*side, side[0]], colour, 1, 0.4 * opacity, fill=colour)
    )


def normalization() -> Markup:
    """Four pictures of three channels; one channel over all pictures shares its mean."""
    return picture(
        *(
            _slab(30 + 48 * n, 84 - 26 * c, 30, 20, 16, ORANGE if c == 1 else GREY, 1 if c == 1 else 0.55)
            for n in range(4)
            for c in range(3)
        )
    )


def dropout() -> Markup:
    layers = {40: [24, 48, 72, 96], 120: [16, 38, 60, 82, 104], 200: [36, 60, 84]}
    off = {(40, 72), (120, 38), (120, 104)}
    at = [[(x, y) for y in ys] for x, ys in layers.items()]
    wires = [
        line([a, b], BLUE, 1.3, 0.55) for left, right in pairwise(at) for a in left for b in right if not {a, b} & off
    ]
    nodes = [ring(x, y, 7, GREY) if (x, y) in off else dot(x, y, 7, BLUE) for layer in at for x, y in layer]
    return picture(*wires, *nodes)


def _cat(x: float, turn: float, colour: str, flip: int = 1) -> Markup:
    """A cat's head, rotated about its centre, in degrees."""
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    left = [(-24, -2), (-23, -26), (-10, -15)]
    right = [(10, -15), (26, -22), (24, -2), (20, 18)]
    outline = [(-20, 18), *left, *right, (0, 27), (-20, 18)]

    def rotated(u: float, v: float) -> tuple[float, float]:
        return x + flip * (u * cos - v * sin), 62 + u * sin + v * cos

    eyes = [dot(*rotated(u, -1), 3, colour) for u in (-9, 9)]
    return line([rotated(u, v) for u, v in outline], colour, 2.6) + joined(eyes)


def augmentation() -> Markup:
    return picture(_cat(42, 0, GREY), _cat(120, 24, BLUE), _cat(198, -12, ORANGE, flip=-1))


def calculator() -> Markup:
    """Feature maps that shrink and deepen, then the dense end."""
    sizes = [(74, 8), (58, 14), (42, 22), (28, 32), (16, 44)]
    x, blocks = 16.0, []
    for index, (side, deep) in enumerate(sizes):
        blocks.append(_slab(x, 64 - side / 2 + deep / 8, deep, side, 14, BLUE if index < 4 else ORANGE))
        x += deep + 17
    return picture(*blocks)


def training() -> Markup:
    ts = [k / 60 for k in range(61)]
    loss = [(22 + 196 * t, 104 - 84 * math.exp(-3.4 * t) - 4 * math.sin(31 * t) * math.exp(-2.2 * t)) for t in ts]
    right = [(22 + 196 * t, 98 - 76 * (1 - math.exp(-3 * t)) + 3 * math.sin(23 * t) * math.exp(-1.5 * t)) for t in ts]
    return picture(
        line([(22, 10), (22, 106), (222, 106)], GREY, 1.5),
        line(loss, ORANGE, 3),
        line(right, GREEN, 3),
        dot(*right[-1], 4.5, GREEN),
        dot(*loss[-1], 4.5, ORANGE),
    )


PICTURES = {draw.__name__: draw for draw in (normalization, dropout, augmentation, calculator, training)}
