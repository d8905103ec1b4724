"""Numbers as small images: colours for a map, tiles side by side, a kernel and its frequency response."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from PIL import Image

from playground.charts.theme import WEIGHT_SCALE, css_colour, rgb, text_colour
from playground.markup import data_uri, element

AUTO, SIGNED, BRIGHTNESS = "Automatic", "Signed", "Brightness"
COLOUR_SCALES = (AUTO, SIGNED, BRIGHTNESS)
OUTLIERS = 0.01  # the share of values that may lie outside the colour scale, so that one outlier does not pale the rest


def bound_of(values: np.ndarray) -> float:
    """A bound that nearly all absolute values stay below, for either end of a signed scale; positive.

    >>> bound_of(np.array([-2.0, 1.0]))
    2.0
    """
    size = np.abs(values).ravel()
    rank = min(size.size - 1, int(np.ceil(size.size * (1 - OUTLIERS))))
    return float(np.partition(size, rank)[rank]) or float(size.max()) or 1.0


def is_brightness(kernels: np.ndarray) -> bool:
    """Whether a kernel's output is a brightness again: it sums to 1 in each channel, or has no negative weight."""
    sums = kernels.sum(axis=(1, 2))
    return bool(np.allclose(sums, 1, atol=1e-6) or ((kernels >= 0).all() and sums.max() > 0))


def colours_of(y: np.ndarray, kernels: np.ndarray, summed: bool, scale: str = AUTO) -> tuple[str, float]:
    """How to colour an output (C, H, W): ("picture", white) or ("signed", bound).

    White is the output for a white image, the sum of the weights, so that nothing is stretched to fit.
    """
    sums = kernels.sum(axis=(1, 2))
    white = float(sums.sum() if summed else sums.max())
    bright = scale == BRIGHTNESS or (scale == AUTO and is_brightness(kernels))
    return ("picture", white if white > 1e-6 else 1.0) if bright else ("signed", bound_of(y))


@dataclass(frozen=True)
class Tile:
    """A small image with its line of text; `pixels` uint8 (H, W) or (H, W, 3), `alt` for those who cannot see it."""

    pixels: np.ndarray | Image.Image
    caption: str
    alt: str


def tiles(images: Iterable[Tile], width: str = "8.5rem", columns: int = 0) -> Markup:
    """Tiles side by side, as HTML: as many per row as fit, or always `columns` of them, however small they become."""
    size = "" if columns else f"width:{width};flex:0 1 {width}"
    cells = (element("figure", _tile(tile), style=f"margin:0;{size};min-width:0") for tile in images)
    grid = f"display:grid;grid-template-columns:repeat({columns},minmax(0,1fr))"
    return element("div", cells, style=f"{grid if columns else 'display:flex;flex-wrap:wrap'};gap:.7rem;width:100%")


def _tile(tile: Tile) -> Markup:
    style = (
        "width:100%;display:block;"
        "box-sizing:border-box;border-radius:.4rem;image-rendering:pixelated;border:1px solid rgba(128,128,128,.35)"
    )
    caption_look = "font-size:.78rem;opacity:.85;line-height:1.35;padding:.25rem .1rem"
    image = element("img", src=data_uri(tile.pixels), alt=tile.alt, style=style)
    return image + element("figcaption", tile.caption, style=caption_look)


def signed(values: np.ndarray, bound: float | None = None) -> np.ndarray:
    """A signed map (H, W) in the colours of data; uint8 (H, W, 3)."""
    return rgb(values, bound or bound_of(values))


def thumbnail(values: np.ndarray, bound: float) -> Image.Image:
    """A signed map (H, W) in 255 colours of data: a third of the bytes of `signed`, for many maps at once."""
    steps = np.rint(np.clip(values / bound, -1, 1) * 127).astype(np.int16) + 127
    image = Image.fromarray(steps.astype(np.uint8), "L")
    image.putpalette(rgb(np.arange(-127, 128), 127).tobytes())
    return image


def weights(kernel: np.ndarray) -> np.ndarray:
    """A kernel (kh, kw) in the colours of weights; uint8 (kh, kw, 3)."""
    return rgb(kernel, float(np.abs(kernel).max()), WEIGHT_SCALE)


def weight_table(kernel: np.ndarray, label: str) -> Markup:
    """A small kernel or vector as a coloured table, as HTML."""
    colours = weights(kernel)
    inks = text_colour(colours)
    rows = (
        element("tr", map(_weight, values, row, ink_row))
        for values, row, ink_row in zip(kernel, colours, inks, strict=True)
    )
    style = "border-collapse:collapse;font-size:.8rem;font-variant-numeric:tabular-nums"
    return element("table", rows, aria_label=label, style=style)


def _weight(value: float, colour: np.ndarray, ink: str) -> Markup:
    style = f"background:{css_colour(colour)};color:{ink};padding:.3rem .45rem;text-align:center"
    written = f"{value:.4g}"
    written = f"−{written[1:]}" if written.startswith("-") else written
    return element("td", written, style=f"{style};border:1px solid rgba(128,128,128,.35)")


def response_tile(response: np.ndarray) -> Markup:
    """A frequency response (n, n), never negative, with its two axes: white at 0, full colour at its largest."""
    uniform, largest = float(response[len(response) // 2, len(response) // 2]), float(response.max())
    alt = f"Frequency response: {uniform:.3g} at the centre, {largest:.3g} at most."
    caption = (
        f"Centre: uniform areas, ×{uniform:.3g}. Border: the finest stripes, vertical ones left and right, horizontal "
        f"ones above and below. Darkest: ×{largest:.3g}."
    )
    return tiles([Tile(rgb(response, largest), caption, alt)], width="13rem")


def factors_table(words: str, column: np.ndarray | None, row: np.ndarray | None) -> Markup:
    """Words on whether a kernel is separable; below its two vectors, if it is, with a multiplication sign between."""
    if column is None or row is None:
        return element("p", words, style="margin:0")
    factors = element(
        "div",
        weight_table(column[:, None], "column"),
        element("span", "×", style="font-size:1.3rem"),
        weight_table(row[None], "row"),
        style="display:flex;gap:.7rem;align-items:center;overflow-x:auto;max-width:100%",
    )
    return element("p", words, style="margin:0 0 .5rem") + factors


def cost_bars(direct: int, separable: int | None, dense: int) -> Markup:
    """Multiplications as bars on a logarithmic scale, as HTML."""
    rows = {"This kernel": direct, "Column, then row": separable, "Fully connected layer": dense}
    longest = np.log10(max(dense, direct, 10))
    inseparable = [
        element("div", "Column, then row"),
        element("div", "not separable", style="opacity:.7"),
        element("div"),
    ]
    return bars(
        inseparable if number is None else bar(name, 100 * np.log10(number + 1) / longest, f"{number:,}")
        for name, number in rows.items()
    )


def score_bars(scores: dict[str, float], chosen: str) -> Markup:
    """Scores in decibels as bars from 0, the chosen one in a different colour, as HTML."""
    longest = max((score for score in scores.values() if np.isfinite(score)), default=1.0)
    rows = []
    for name, score in scores.items():
        text = f"{score:.2f} dB" if np.isfinite(score) else "identical"
        look = ("#e8710a", 700) if name == chosen else ("#2f6fde", 400)
        rows.append(bar(name, 100 * min(max(score, 0.0), longest) / longest, text, *look))
    return bars(rows)


def bar(name: str, percent: float, number: str, colour: str = "#2f6fde", weight: int | None = None) -> Markup:
    """A name, a bar of some percent of its column, and a number: one row of `bars`."""
    return (
        element("div", name, style=weight and f"font-weight:{weight}")
        + element("div", style=f"background:{colour};height:.7rem;border-radius:.35rem;width:{percent:.1f}%")
        + element("div", element("b", number), style="text-align:right;font-variant-numeric:tabular-nums")
    )


def bars(rows: Iterable[Markup], size: str = "width:100%") -> Markup:
    """Rows of name, bar and number, as HTML."""
    columns = "display:grid;grid-template-columns:max-content minmax(2rem,1fr) max-content;gap:.35rem .8rem"
    return element("div", rows, style=f"{columns};align-items:center;font-size:.9rem;{size}")
