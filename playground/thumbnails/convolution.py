"""Small pictures of the lessons on convolution."""

from __future__ import annotations

from markupsafe import Markup

from playground.markup import joined
from playground.thumbnails.svg_primitives import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    arrow,
    box,
    dot,
    frame,
    grid,
    line,
    picture,
)

EDGE = [[0.9, 0.9, 0.9, 0.1, 0.1, 0.1]] * 5


def correlate(x: list[list[float]], kernel: list[list[float]]) -> list[list[float]]:
    """The output of the drawn kernel for the drawn picture, without padding."""
    high, wide = len(kernel), len(kernel[0])
    return [
        [
            sum(x[i + u][j + v] * kernel[u][v] for u in range(high) for v in range(wide))
            for j in range(len(x[0]) - wide + 1)
        ]
        for i in range(len(x) - high + 1)
    ]


def kernels() -> Markup:
    output = correlate(EDGE, [[1.0, 0.0, -1.0]])
    return picture(
        grid(22, 15, 18, EDGE, GREY),
        frame(58, 33, 52),
        arrow(140, 59),
        grid(174, 15, 12, [[v * 1.1 for v in row] for row in output]),
        *(line([(58 + 18 * j, 33), (58 + 18 * j, 85)], ORANGE, 1) for j in (1, 2)),
    )


def convolution() -> Markup:
    letter = [[float(i == j or i + j == 4) for j in range(5)] for i in range(5)]
    kernel = [[float(i == j) for j in range(3)] for i in range(3)]
    output = [[v / 3 for v in row] for row in correlate(letter, kernel)]
    return picture(
        grid(18, 20, 16, letter),
        frame(34, 36, 46),
        grid(118, 36, 16, kernel, PURPLE),
        grid(184, 36, 16, output),
        frame(200, 52, 14),
        line([(104, 56), (110, 62)], GREY, 2) + line([(110, 56), (104, 62)], GREY, 2),
        line([(171, 56), (178, 56)], GREY) + line([(171, 62), (178, 62)], GREY),
    )


def dense_to_conv() -> Markup:
    def net(x: float, reach: int, colour: str) -> Markup:
        ins, outs = [16 + 22 * i for i in range(5)], [38 + 22 * i for i in range(3)]
        wires = [
            line([(x, top), (x + 68, end)], colour, 1.6, 0.8)
            for j, end in enumerate(outs)
            for i, top in enumerate(ins)
            if abs(i - j - 1) <= reach
        ]
        return joined(wires + [dot(x, y, 6, GREY) for y in ins] + [dot(x + 68, y, 6, colour) for y in outs])

    return picture(net(26, 9, BLUE), net(146, 1, ORANGE))


def pooling() -> Markup:
    values = [[0.2, 0.9, 0.1, 0.3], [0.4, 0.3, 0.6, 0.2], [0.1, 0.2, 0.8, 0.5], [0.7, 0.3, 0.2, 0.4]]
    pooled = [[max(values[2 * i + u][2 * j + v] for u in (0, 1) for v in (0, 1)) for j in (0, 1)] for i in (0, 1)]
    return picture(
        grid(24, 16, 22, values),
        *(frame(24 + 44 * j, 16 + 44 * i, 42, GREY) for i in (0, 1) for j in (0, 1)),
        arrow(128, 60),
        grid(166, 34, 26, pooled),
    )


def upsampling() -> Markup:
    small = [[0.9, 0.2], [0.3, 0.6]]
    hits = [[(1, 2, 1, 2, 1)[i] * (1, 2, 1, 2, 1)[j] / 4 for j in range(5)] for i in range(5)]
    return picture(grid(28, 34, 26, small), arrow(92, 60), grid(136, 14, 18.5, hits, GREEN))


def inspect_network() -> Markup:
    seven = [[1.0, 1, 1, 1], [0, 0, 0, 1], [0, 0, 1, 0], [0, 1, 0, 0]]
    columns = [correlate(seven, kernel) for kernel in ([[1.0, -1]], [[0.5], [0.5]], [[0.0, 1], [1, 0]])]
    tops = [16 + 32 * k for k in range(3)]
    scores = [0.1, 0.2, 0.95, 0.15, 0.3]
    return picture(
        grid(16, 38, 12, seven),
        *(line([(66, 60), (84, top + 12)], GREY, 1.2, 0.7) for top in tops),
        *(grid(88, top, 8, [[v * 0.9 for v in row] for row in rows]) for top, rows in zip(tops, columns, strict=True)),
        *(line([(122, a + 12), (146, b + 12)], GREY, 1.2, 0.5) for a in tops for b in tops),
        *(grid(150, top, 11, [[0.2, 0.8], [0.6, 0.1]], PURPLE) for top in tops),
        *(line([(176, top + 12), (190, 60)], GREY, 1.2, 0.6) for top in tops),
        *(box(194, 20 + 17 * k, 34 * v, 10, ORANGE if v > 0.9 else GREY, rx=2) for k, v in enumerate(scores)),
    )


def default() -> Markup:
    """For a lesson that has no picture of its own."""
    return picture(
        *(box(34 + 58 * k, 30 + 8 * k, 40, 60 - 16 * k, BLUE, 0.35 + 0.25 * k, rx=4) for k in range(3)),
        *(arrow(77 + 58 * k, 60, 11) for k in range(2)),
        dot(206, 60, 6, ORANGE),
    )


PICTURES = {draw.__name__: draw for draw in (kernels, convolution, dense_to_conv, pooling, upsampling, inspect_network)}
