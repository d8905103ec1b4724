"""Numbers as small images: colours for a map, tiles side by side, a kernel and its frequency response."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from playground.charts.theme import DATA_SCALE, WEIGHT_SCALE, rgb, text_colour

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


def tiles(images: Iterable[Tile], width: str = "8.5rem", columns: int = 0) -> str:
    """Tiles side by side, as HTML: as many per row as fit, or always `columns` of them, however small they become."""
    size = "" if columns else f"width:{width};flex:0 1 {width}"
    cells = "".join(
        f'<figure style="margin:0;{size};min-width:0">'
        f'<img src="{data_uri(tile.pixels)}" alt="{html.escape(tile.alt, quote=True)}" style="width:100%;display:block;'
        'box-sizing:border-box;border-radius:.4rem;image-rendering:pixelated;border:1px solid rgba(128,128,128,.35)">'
        f'<figcaption style="font-size:.78rem;opacity:.85;line-height:1.35;padding:.25rem .1rem">{tile.caption}'
        "</figcaption></figure>"
        for tile in images
    )
    grid = f"display:grid;grid-template-columns:repeat({columns},minmax(0,1fr))"
    return f'<div style="{grid if columns else "display:flex;flex-wrap:wrap"};gap:.7rem;width:100%">{cells}</div>'


def data_uri(pixels: np.ndarray | Image.Image) -> str:
    """A uint8 image as a data URI, an inline PNG."""
    buffer = io.BytesIO()
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(np.ascontiguousarray(pixels))
    image.save(buffer, "PNG", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


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


def response_image(response: np.ndarray) -> np.ndarray:
    """A frequency response (n, n), never negative, from white at 0 to full colour at its largest; uint8 (n, n, 3)."""
    return rgb(response, float(response.max()), DATA_SCALE)


def weight_table(kernel: np.ndarray, label: str) -> str:
    """A small kernel or vector as a coloured table, as HTML."""
    colours = weights(kernel)
    inks = text_colour(colours)
    rows = "".join(
        "<tr>"
        + "".join(
            f'<td style="background:rgb({r},{g},{b});color:{ink};padding:.3rem .45rem;text-align:center;'
            f'border:1px solid rgba(128,128,128,.35)">{value:.4g}</td>'.replace(">-", ">−")
            for value, (r, g, b), ink in zip(values, row, ink_row, strict=True)
        )
        + "</tr>"
        for values, row, ink_row in zip(kernel, colours, inks, strict=True)
    )
    return (
        f'<table aria-label="{html.escape(label, quote=True)}" style="border-collapse:collapse;font-size:.8rem;'
        f'font-variant-numeric:tabular-nums">{rows}</table>'
    )


def response_tile(response: np.ndarray) -> str:
    """A frequency response with its two axes, as HTML; white is 0, full colour its largest value."""
    alt = f"Frequency response: {response_at_zero(response):.3g} at the centre, {response.max():.3g} at most."
    caption = (
        f"Centre: uniform areas, ×{response_at_zero(response):.3g}. Border: the finest stripes, vertical ones left and "
        f"right, horizontal ones above and below. Darkest: ×{response.max():.3g}."
    )
    return tiles([Tile(response_image(response), caption, alt)], width="13rem")


def response_at_zero(response: np.ndarray) -> float:
    """The factor at frequency 0."""
    return float(response[len(response) // 2, len(response) // 2])


def factors_table(kernel: np.ndarray, column: np.ndarray | None, row: np.ndarray | None, rank: int) -> str:
    """A kernel's two vectors with a multiplication sign between them, or why there are none; as HTML."""
    if column is None or row is None:
        why = "All weights are 0." if rank == 0 else f"Rank {rank}: a sum of {rank} column × row products."
        return f'<p style="margin:0">{why}</p>'
    wide = "overflow-x:auto;max-width:100%"
    return (
        f'<p style="margin:0 0 .5rem">Rank 1: a column times a row, {kernel.shape[0]} + {kernel.shape[1]} '
        f"multiplications per position instead of {kernel.size}.</p>"
        f'<div style="display:flex;gap:.7rem;align-items:center;{wide}">{weight_table(column[:, None], "column")}'
        f'<span style="font-size:1.3rem">×</span>{weight_table(row[None], "row")}</div>'
    )


def cost_bars(direct: int, separable: int | None, dense: int) -> str:
    """Multiplications as bars on a logarithmic scale, as HTML."""
    rows = [("This kernel", direct), ("Column, then row", separable), ("Fully connected layer", dense)]
    longest = np.log10(max(dense, direct, 10))
    return bars("".join(cost_row(name, number, longest) for name, number in rows))


def cost_row(name: str, number: int | None, longest: float) -> str:
    """One bar of `cost_bars`; None where there is nothing to count."""
    if number is None:
        return f'<div>{name}</div><div style="opacity:.7">not separable</div><div></div>'
    return (
        f'<div>{name}</div><div style="background:#2f6fde;height:.7rem;border-radius:.35rem;'
        f'width:{100 * np.log10(number + 1) / longest:.1f}%"></div>'
        f'<div style="text-align:right;font-variant-numeric:tabular-nums"><b>{number:,}</b></div>'
    )


def score_bars(scores: dict[str, float], chosen: str) -> str:
    """Scores in decibels as bars from 0, the chosen one in a different colour, as HTML."""
    longest = max((score for score in scores.values() if np.isfinite(score)), default=1.0)
    return bars("".join(score_row(name, score, longest, name == chosen) for name, score in scores.items()))


def score_row(name: str, score: float, longest: float, chosen: bool) -> str:
    """One bar of `score_bars`."""
    colour, bold = ("#e8710a", 700) if chosen else ("#2f6fde", 400)
    text = f"{score:.2f} dB" if np.isfinite(score) else "identical"
    width = 100 * min(max(score, 0.0), longest) / longest
    return (
        f'<div style="font-weight:{bold}">{html.escape(name)}</div>'
        f'<div style="background:{colour};height:.7rem;border-radius:.35rem;width:{width:.1f}%"></div>'
        f'<div style="text-align:right;font-variant-numeric:tabular-nums"><b>{text}</b></div>'
    )


def bars(cells: str) -> str:
    """Rows of name, bar and number, as HTML."""
    return (
        '<div style="display:grid;width:100%;grid-template-columns:max-content minmax(2rem,1fr) max-content;'
        f'gap:.35rem .8rem;align-items:center;font-size:.9rem">{cells}</div>'
    )
