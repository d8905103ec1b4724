"""Small drawings as SVG text: pictures of pixels, grids of numbers, boxes. `currentColor` is the theme's text colour.

Coordinates and sizes are in SVG units; `root` scales the whole drawing to the width it is given.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterable
from html import escape

import numpy as np
from PIL import Image

from playground.charts.theme import text_colour

GOOD, BAD, MARK = "#12926b", "#c8323c", "#e8710a"


def root(
    parts: Iterable[str], width: float, height: float, label: str, shown_width: int | None = None, share: str = ""
) -> str:
    """The drawing: `label` is read to those who cannot see it; `shown_width` is its width on screen in pixels.

    Several drawings shown together stand in rows; `share` is then the width each asks for ("40%" gives two in a row).
    """
    size = f'width="{shown_width or round(width)}"'
    if share:
        size = f'style="flex:1 1 {share};min-width:0;max-width:{width * 1.25:g}px"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" {size} role="img" '
        f'aria-label="{escape(label, quote=True)}">{"".join(parts)}</svg>'
    )


def figure(drawing: str, title: str, note: str = "", style: str = "") -> str:
    """A drawing under its title and over a note, in letters that stay as large where the drawing becomes small."""
    below = f'<figcaption class="note">{escape(note)}</figcaption>' if note else ""
    return f'<figure style="{style}"><figcaption>{escape(title)}</figcaption>{drawing}{below}</figure>'


def row(figures: Iterable[str], shares: Iterable[float], width: float) -> str:
    """Figures side by side, each with its share of a row that is at most `width` pixels wide."""
    columns = " ".join(f"minmax(0,{share:g}fr)" for share in shares)
    return f'<div class="row" style="grid-template-columns:{columns};max-width:{width:g}px">{"".join(figures)}</div>'


def grey(values_hw: np.ndarray, low: float | None = None, high: float | None = None) -> np.ndarray:
    """Brightness (H, W) -> uint8 (H, W, 3), black at `low`, white at `high` (the values' own ends unless given)."""
    low = float(values_hw.min()) if low is None else low
    high = float(values_hw.max()) if high is None else high
    scaled = np.clip((values_hw - low) / ((high - low) or 1), 0, 1)
    return np.repeat(np.rint(scaled * 255).astype(np.uint8)[..., None], 3, axis=-1)


def uri(colours_hwc: np.ndarray) -> str:
    """Pixels, uint8 (H, W, 3), as the address of a PNG."""
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(colours_hwc)).save(buffer, format="PNG", compress_level=1)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def picture(colours_hwc: np.ndarray, x: float, y: float, width: float, height: float) -> str:
    """Pixels as sharp squares: uint8 (H, W, 3) in a frame of `width` x `height`."""
    return (
        f'<image x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" preserveAspectRatio="none" '
        f'style="image-rendering:pixelated" href="{uri(colours_hwc)}"/>' + box(x, y, width, height)
    )


def box(
    x: float,
    y: float,
    width: float,
    height: float,
    colour: str = "currentColor",
    thickness: float = 1,
    opacity: float = 0.35,
    dash: str = "",
) -> str:
    """An empty frame."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="none" stroke="{colour}" '
        f'stroke-width="{thickness:g}" stroke-opacity="{opacity:g}"{dashes}/>'
    )


def text(
    words: str,
    x: float,
    y: float,
    size: float = 12,
    anchor: str = "start",
    colour: str = "currentColor",
    weight: int = 400,
    opacity: float = 1,
) -> str:
    """One line of text, its baseline at y."""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" text-anchor="{anchor}" fill="{colour}" '
        f'font-weight="{weight}" opacity="{opacity:g}">{escape(words)}</text>'
    )


def plain(value: float) -> str:
    """A number as short as it is exact: no trailing zeros, a real minus sign, at most three decimals.

    >>> plain(-2.50), plain(3.0), plain(-0.0)
    ('−2.5', '3', '0')
    """
    written = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if written in ("-0", "") else written.replace("-", "−")


def numbers(
    values_hw: np.ndarray,
    colours_hwc: np.ndarray,
    x: float,
    y: float,
    cell: float,
    written: Callable[[float], str] = plain,
) -> str:
    """A grid of numbers (H, W) on their colours uint8 (H, W, 3), each cell `cell` wide."""
    ink = text_colour(colours_hwc)
    parts = []
    for (row, column), value in np.ndenumerate(values_hw):
        left, top = x + column * cell, y + row * cell
        red, green, blue = colours_hwc[row, column]
        words = written(float(value))
        size = min(cell * 0.42, cell * 1.55 / max(len(words), 1))
        parts.append(
            f'<rect x="{left:g}" y="{top:g}" width="{cell:g}" height="{cell:g}" fill="rgb({red},{green},{blue})" '
            f'stroke="currentColor" stroke-opacity="0.2" stroke-width="0.6"/>'
            + text(words, left + cell / 2, top + cell / 2 + size * 0.36, size, "middle", str(ink[row, column]))
        )
    return "".join(parts)
