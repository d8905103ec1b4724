"""Small drawings as SVG text: pictures of pixels, grids of numbers, boxes. `currentColor` is the theme's text colour.

Coordinates and sizes are in SVG units; `root` scales the whole drawing to the width it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from markupsafe import Markup

from playground.charts.theme import css_colour, text_colour
from playground.markup import data_uri, element, joined

GOOD, BAD, MARK, INK = "#12926b", "#c8323c", "#e8710a", "currentColor"
# The same for words: dark enough on a light page, light enough on a dark one.
GOOD_TEXT, BAD_TEXT = "light-dark(#0b7553, #45c79b)", "light-dark(#b3202b, #ff8b8b)"
MARK_TEXT = "light-dark(#a84b00, #f4a25f)"
Attribute = str | int | float | None


def root(parts: Iterable[Markup | None], width: float, height: float, label: str, share: str = "") -> Markup:
    """The drawing: `label` is read to those who cannot see it.

    Several drawings shown together stand in rows; `share` is then the width each asks for ("40%" gives two in a row).
    """
    return element(
        "svg",
        parts,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:g} {height:g}",
        width=None if share else round(width),
        style=f"flex:1 1 {share};min-width:0;max-width:{width * 1.25:g}px" if share else None,
        role="img",
        aria_label=label,
    )


def figure(drawing: Markup, title: str, note: str = "", style: str = "") -> Markup:
    """A drawing under its title and over a note, in letters that stay as large where the drawing becomes small."""
    below = element("figcaption", note, class_="note") if note else None
    return element("figure", element("figcaption", title), drawing, below, style=style)


def row(figures: Iterable[Markup], shares: Iterable[float], width: float) -> Markup:
    """Figures side by side, each with its share of a row that is at most `width` pixels wide."""
    columns = " ".join(f"minmax(0,{share:g}fr)" for share in shares)
    return element("div", figures, class_="row", style=f"grid-template-columns:{columns};max-width:{width:g}px")


def grey(values_hw: np.ndarray, low: float | None = None, high: float | None = None) -> np.ndarray:
    """Brightness (H, W) -> uint8 (H, W, 3), black at `low`, white at `high` (the values' own ends unless given)."""
    low = float(values_hw.min()) if low is None else low
    high = float(values_hw.max()) if high is None else high
    scaled = np.clip((values_hw - low) / ((high - low) or 1), 0, 1)
    return np.repeat(np.rint(scaled * 255).astype(np.uint8)[..., None], 3, axis=-1)


def pixels(colours_hwc: np.ndarray, x: float, y: float, width: float, height: float) -> Markup:
    """Pixels as sharp squares: uint8 (H, W, 3 or 4), `width` x `height`."""
    look = {"preserveAspectRatio": "none", "style": "image-rendering:pixelated"}
    return element("image", x=x, y=y, width=width, height=height, **look, href=data_uri(colours_hwc))


def picture(colours_hwc: np.ndarray, x: float, y: float, width: float, height: float) -> Markup:
    """The same in a frame."""
    return pixels(colours_hwc, x, y, width, height) + box(x, y, width, height)


def rect(x: float, y: float, width: float, height: float, fill: str, **rest: Attribute) -> Markup:
    """A filled rectangle; `rest` as SVG names it."""
    return element("rect", x=x, y=y, width=width, height=height, fill=fill, **rest)


def box(
    x: float, y: float, width: float, height: float, colour: str = INK, thickness: float = 1, opacity: float = 0.35,
    dash: str | None = None,
) -> Markup:  # fmt: skip
    """An empty frame."""
    stroke = {"stroke": colour, "stroke_width": thickness, "stroke_opacity": opacity, "stroke_dasharray": dash}
    return rect(x, y, width, height, "none", **stroke)


def line(x1: float, y1: float, x2: float, y2: float, colour: str = INK, **rest: Attribute) -> Markup:
    """A straight stroke; `rest` as SVG names it."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=colour, **rest)


def dot(x: float, y: float, radius: float, fill: str, **rest: Attribute) -> Markup:
    """A filled circle; `rest` as SVG names it."""
    return element("circle", cx=x, cy=y, r=radius, fill=fill, **rest)


def text(
    words: str, x: float, y: float, size: float = 12, anchor: str = "start", colour: str = INK, weight: int = 400,
    **rest: Attribute,
) -> Markup:  # fmt: skip
    """One line of text, its baseline at y; `rest` as SVG names it."""
    look = {"font_size": size, "text_anchor": anchor, "fill": colour, "font_weight": weight, **rest}
    return element("text", words, x=x, y=y, **look)


def plain(value: float) -> str:
    """A number as short as it is exact: no trailing zeros, a real minus sign, at most three decimals.

    >>> plain(-2.50), plain(3.0), plain(-0.0)
    ('−2.5', '3', '0')
    """
    written = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if written in ("-0", "") else written.replace("-", "−")


def numbers(
    values_hw: np.ndarray, colours_hwc: np.ndarray, cell: float, written: Callable[[float], str] = plain
) -> Markup:
    """A grid of numbers (H, W) on their colours uint8 (H, W, 3), each cell `cell` wide."""
    ink = text_colour(colours_hwc)
    parts = []
    for (row, column), value in np.ndenumerate(values_hw):
        left, top = column * cell, row * cell
        words = written(float(value))
        size = min(cell * 0.42, cell * 1.55 / max(len(words), 1))
        fill = css_colour(colours_hwc[row, column])
        parts.append(rect(left, top, cell, cell, fill, stroke=INK, stroke_opacity=0.2, stroke_width=0.6))
        parts.append(text(words, left + cell / 2, top + cell / 2 + size * 0.36, size, "middle", str(ink[row, column])))
    return joined(parts)
