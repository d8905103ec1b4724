"""A network as a picture file, SVG or PNG: one block a layer, as tall as its map, as wide as its channels are many.

Arcs above the blocks are skip connections: outputs that are read by a layer further on than the next one.
"""

from __future__ import annotations

import io
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from PIL import Image, ImageDraw, ImageFont

from core.errors import PlaygroundError
from core.profiler.figures import FIGURES
from core.profiler.rows import Row, Shape
from core.profiler.size_text import shape_text
from core.profiler.timing.rates import Bound

TALLEST, THICKEST = 170.0, 2.4  # pixels of the largest side; pixels per root of a channel
DEPTH, SLANT = 0.3, 0.72  # how far a map reaches away from us
GAP, SLICE, VECTOR, LEAST = 9.0, 4.0, 8.0, 2.0
MARGIN, LABELS, ARCS = 16.0, 44.0, 54.0
MOST_BLOCKS = 2000
WIDEST, SMOOTH = 8_000, 2  # pixels of a PNG; it is drawn so many times larger first
PALE, DEEP, INK, QUIET, ARC = (237, 242, 252), (20, 58, 134), (32, 36, 44), (95, 101, 112), (232, 113, 10)
NOTHING = (198, 203, 212)  # a layer that no kernel runs for
SWATCH, LETTER = 11.0, 5.6  # pixels of a colour in the legend, and of a letter beside it
Point = tuple[float, float]
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class LegendEntry:
    """What a colour means; `colour` as CSS writes it."""

    title: str
    colour: str


BOUND_LEGEND: dict[Bound, LegendEntry] = {
    "arithmetic": LegendEntry("Arithmetic", "#e8710a"),
    "memory": LegendEntry("Memory", "#2f6fde"),
    "overhead": LegendEntry("Overhead of calls", "#8b94a3"),
}


@dataclass(frozen=True)
class Shape2D:
    """A filled polygon, or a line where `fill` is None."""

    points: tuple[Point, ...]
    fill: Colour | None
    line: Colour = INK
    title: str = ""


@dataclass(frozen=True)
class Word:
    """Text centred at a point."""

    at: Point
    text: str
    colour: Colour = INK


@dataclass(frozen=True)
class Drawing:
    """Shapes and words in drawing order, in pixels."""

    width: float
    height: float
    shapes: tuple[Shape2D, ...]
    words: tuple[Word, ...]
    title: str = ""


@dataclass
class _Box:
    """Where a block stands; `index` is its row, -1 for the input."""

    index: int
    shape: Shape
    width: float
    height: float
    depth: float
    x: float = 0.0
    colour: Colour = PALE
    title: str = ""

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


def draw(
    rows: Sequence[Row],
    input_shape: Shape,
    measure: str = "macs",
    title: str = "",
    bounds: Sequence[Bound | None] = (),
) -> Drawing:
    """The drawing of a network's rows.

    Args: `input_shape` (C, H, W) without the batch; `measure` is what the colour shows, one of `FIGURES`; with
        `bounds`, what each row waits for, it shows these instead, and a legend says so.
    Raises: PlaygroundError for an unknown measure, or more blocks than anybody could look at.
    """
    if measure not in FIGURES:
        raise PlaygroundError(f"unknown measure {measure!r}: use one of {', '.join(FIGURES)}")
    boxes = _boxes(rows, input_shape, _bound_colours(bounds) if bounds else _measure_colours(rows, measure))
    if len(boxes) > MOST_BLOCKS:
        raise PlaygroundError(f"{len(boxes)} blocks are too many for one drawing: at most {MOST_BLOCKS}")
    right = _place(boxes)
    base = MARGIN + ARCS + TALLEST
    shapes = [shape for box in boxes for shape in _faces(box, base)] + list(_arcs(rows, boxes, base))
    words = list(_labels(boxes, base, right))
    bottom = base + LABELS
    if bounds:
        swatches, names, end = _legend(bottom + SWATCH)
        shapes, words = shapes + swatches, words + names
        right, bottom = max(right, end), bottom + 2 * SWATCH
    return Drawing(right + MARGIN, bottom + MARGIN, tuple(shapes), tuple(words), title)


def to_svg(drawing: Drawing) -> str:
    """The drawing as an SVG document; pointing at a block names it."""
    shapes = Markup().join(_svg_shape(shape) for shape in drawing.shapes)
    word = Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="middle" fill="{}">{}</text>')
    words = Markup().join(word.format(*word_.at, _hex(word_.colour), word_.text) for word_ in drawing.words)
    return str(
        Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" width="{0:.0f}" height="{1:.0f}" viewBox="0 0 {0:.0f} {1:.0f}" '
            'font-family="system-ui, sans-serif" font-size="11"><title>{2}</title>'
            '<rect width="100%" height="100%" fill="#ffffff"/>{3}{4}</svg>'
        ).format(drawing.width, drawing.height, drawing.title, shapes, words)
    )


def to_png(drawing: Drawing, scale: float = 2.0) -> bytes:
    """The drawing as a PNG file, `scale` pixels for one of the SVG's, fewer where it would be wider than 8,000."""
    fine = min(scale, WIDEST / drawing.width) * SMOOTH
    size = (round(drawing.width * fine), round(drawing.height * fine))
    image = Image.new("RGB", size, "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(11 * fine)
    for shape in drawing.shapes:
        points = [(x * fine, y * fine) for x, y in shape.points]
        if shape.fill is None:
            pen.line(points, fill=shape.line, width=round(1.2 * fine))
        else:
            pen.polygon(points, fill=shape.fill, outline=shape.line)
    for word in drawing.words:
        at, text = (word.at[0] * fine, word.at[1] * fine), word.text.replace("×", "x")  # a letter the font has
        pen.text(at, text, fill=word.colour, font=font, anchor="ms")
    buffer = io.BytesIO()
    image.reduce(SMOOTH).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _measure_colours(rows: Sequence[Row], measure: str) -> list[Colour]:
    """The more of a figure, the deeper; the largest of what is drawn is the deepest."""
    most = max((getattr(row, measure) for row in rows if len(row.output_shape) > 1), default=0) or 1
    return [_mixed(PALE, DEEP, min(1.0, math.sqrt(getattr(row, measure) / most))) for row in rows]


def _bound_colours(bounds: Sequence[Bound | None]) -> list[Colour]:
    return [_rgb(BOUND_LEGEND[bound].colour) if bound else NOTHING for bound in bounds]


def _legend(y: float) -> tuple[list[Shape2D], list[Word], float]:
    """Swatches and words of what layers wait for, from the left; and where they end."""
    swatches, words, x = [], [], MARGIN
    for entry in BOUND_LEGEND.values():
        corners = ((x, y), (x + SWATCH, y), (x + SWATCH, y + SWATCH), (x, y + SWATCH))
        swatches.append(Shape2D(corners, _rgb(entry.colour)))
        text = f"waits for {entry.title.lower()}"
        width = len(text) * LETTER
        words.append(Word((x + SWATCH + 6 + width / 2, y + SWATCH - 2), text))
        x += SWATCH + width + 24
    return swatches, words, x


def _boxes(rows: Sequence[Row], input_shape: Shape, colours: Sequence[Colour]) -> list[_Box]:
    """The input and every row with an output; sizes follow the largest map and the longest vector."""
    shown = [(index, row) for index, row in enumerate(rows) if len(row.output_shape) > 1]
    shapes = [input_shape, *(row.output_shape[1:] for _, row in shown)]
    tallest = max((max(shape[-2:]) for shape in shapes if len(shape) > 1), default=1)
    longest = max((shape[0] for shape in shapes if len(shape) == 1), default=1)
    boxes = [_box(-1, input_shape, tallest, longest, glued=False)]
    boxes[0].title = f"input {shape_text(input_shape)}"
    for index, row in shown:
        shape = row.output_shape[1:]
        box = _box(index, shape, tallest, longest, glued=not row.macs and shape == boxes[-1].shape)
        box.colour = colours[index]
        box.title = f"{row.label} {row.kind}: {shape_text(shape)}, {row.params:,} parameters, {row.macs:,} MACs"
        boxes.append(box)
    return boxes


def _box(index: int, shape: Shape, tallest: int, longest: int, glued: bool) -> _Box:
    if len(shape) < 2:
        height = math.sqrt((shape[0] if shape else 1) / longest) * TALLEST * 0.9
        return _Box(index, shape, SLICE if glued else VECTOR, max(3.0, height), 0.0)
    sides = shape[-2:] if len(shape) > 2 else (shape[-1], 0)
    height, depth = sides[0] / tallest * TALLEST, sides[1] / tallest * TALLEST * DEPTH
    width = SLICE if glued else max(LEAST, math.sqrt(shape[0]) * THICKEST)
    return _Box(index, shape, width, max(3.0, height), depth)


def _place(boxes: list[_Box]) -> float:
    """Puts the blocks side by side; returns the right end."""
    x = right = MARGIN
    for place, box in enumerate(boxes):
        is_slice = place > 0 and box.width == SLICE and box.shape == boxes[place - 1].shape
        x += 0 if is_slice or not place else GAP
        box.x = x
        x += box.width
        right = max(right, x + box.depth)
    return right


def _faces(box: _Box, base: float) -> Iterator[Shape2D]:
    """Front, top and side of a block."""
    colour = box.colour
    top = base - TALLEST + (TALLEST - box.height) / 2
    left, right, bottom, away = box.x, box.x + box.width, top + box.height, box.depth * SLANT
    line = _mixed(colour, (0, 0, 0), 0.35)
    yield Shape2D(((left, top), (right, top), (right, bottom), (left, bottom)), colour, line, box.title)
    if not box.depth:
        return
    far = right + box.depth
    lid = ((left, top), (left + box.depth, top - away), (far, top - away), (right, top))
    yield Shape2D(lid, _mixed(colour, (255, 255, 255), 0.35), line, box.title)
    side = ((right, top), (far, top - away), (far, bottom - away), (right, bottom))
    yield Shape2D(side, _mixed(colour, (0, 0, 0), 0.14), line, box.title)


def skips(rows: Sequence[Row], shown: Sequence[int]) -> list[tuple[int, int]]:
    """Places of blocks of which the second reads the first past a layer that multiplies: the skip connections.

    Args: `shown` is the row of each block in drawing order, -1 for the input.
    """
    places = {row: place for place, row in enumerate(shown)}
    return [
        (places[source], place)
        for place, index in enumerate(shown)
        for source in (rows[index].sources if 0 <= index < len(rows) else ())
        if source in places and any(row.macs for row in rows[source + 1 : index])
    ]


def _arcs(rows: Sequence[Row], boxes: list[_Box], base: float) -> Iterator[Shape2D]:
    """A half ellipse over what a connection skips, the higher the wider."""
    top = base - TALLEST
    for first, last in skips(rows, [box.index for box in boxes]):
        start, end = boxes[first].x + boxes[first].width, boxes[last].middle
        reach = min(1.0, 0.25 + (end - start) / 600)
        steps = [math.pi * step / 24 for step in range(25)]
        middle, half = (start + end) / 2, (end - start) / 2
        points = tuple((middle - half * math.cos(a), top - ARCS * reach * math.sin(a)) for a in steps)
        yield Shape2D(points, None, ARC)


def _labels(boxes: list[_Box], base: float, right: float) -> Iterator[Word]:
    """Channels and sides where the shape changes, as long as there is room: the last first, then from the left."""
    changes = [box for before, box in itertools.pairwise(boxes) if before.shape != box.shape]
    taken: list[tuple[float, float]] = []
    for box in [*changes[-1:], *changes[:-1], boxes[0]]:
        upper, lower = str(box.shape[0]) if box.shape else "1", shape_text(box.shape[1:])
        half = max(len(upper), len(lower)) * 3.2 + 3
        centre = min(max(box.middle, half), max(right - half, half))
        if any(centre + half > low and centre - half < high for low, high in taken):
            continue
        taken.append((centre - half, centre + half))
        yield Word((centre, base + 16), upper)
        yield Word((centre, base + 31), lower, QUIET)


def _svg_shape(shape: Shape2D) -> Markup:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in shape.points)
    if shape.fill is None:
        return Markup('<polyline points="{}" fill="none" stroke="{}" stroke-width="1.2"/>').format(
            points, _hex(shape.line)
        )
    polygon = '<polygon points="{}" fill="{}" stroke="{}" stroke-width="0.5"><title>{}</title></polygon>'
    return Markup(polygon).format(points, _hex(shape.fill), _hex(shape.line), shape.title)


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _rgb(colour: str) -> Colour:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return red, green, blue


def _hex(colour: Colour) -> str:
    return "#" + "".join(f"{part:02x}" for part in colour)
