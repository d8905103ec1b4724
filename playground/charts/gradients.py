"""Drawings of the gradient lesson: violin plots per layer, and gradient norms over the steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from markupsafe import Markup

from playground import units
from playground.charts import svg
from playground.charts.theme import rgb
from playground.markup import data_uri, element

WIDTH, HEIGHT, LEFT, TOP = 320, 150, 40, 26
SEQUENCE = ("#0b2350", "#245dc2", "#5fb0c9", "#bfe3a8", "#fff3b0")  # small to large
MISSING = (150, 150, 150)


def violins(density: np.ndarray, quantiles: np.ndarray, title: str, colour: str) -> Markup:
    """Each layer's outputs as a violin from minimum to maximum, its middle half and its median marked.

    density: counts (layers, bins) over that range; quantiles: (layers, 7), of which 0, 2, 3, 4 and 6 are minimum,
    lower quartile, median, upper quartile and maximum.
    """
    share = "max(40%, 280px)"
    finite = np.isfinite(quantiles).all(1)
    if not finite.any():
        return svg.root([svg.text(f"{title}: no finite values", 0, 16, 13)], WIDTH, 24, title, share=share)
    low, high = float(quantiles[finite, 0].min()), float(quantiles[finite, 6].max())
    low, high = (low, high) if high > low else (low - 1, high + 1)
    unit = (WIDTH - LEFT) / len(quantiles)

    def height(value: float | np.ndarray) -> float | np.ndarray:
        return TOP + (high - value) / (high - low) * HEIGHT

    ends = [units.significant(value, 3) for value in (low, high)]
    parts = [svg.text(title, 0, 14, 13, weight=600)]
    parts += [
        svg.text(words, LEFT - 4, height(at) + 4, 11, "end", opacity=0.7)
        for words, at in zip(ends, (low, high), strict=True)
    ]
    shapes = [
        _violin(density[layer], quantiles[layer], LEFT + (layer + 0.5) * unit, unit, height)
        for layer in np.flatnonzero(finite)
    ]
    outlines, middles, medians = ("".join(part) for part in zip(*shapes, strict=True))
    thick = min(unit * 0.28, 5)
    parts += [
        element("path", d=outlines, fill=colour, fill_opacity=0.55, stroke=colour, stroke_width=0.8),
        element("path", d=middles, fill="none", stroke=colour, stroke_width=f"{thick:.1f}"),
        element("path", d=medians, fill="none", stroke="currentColor", stroke_width=1.6),
    ]
    for layer in {0, len(quantiles) - 1}:
        middle = min(LEFT + (layer + 0.5) * unit, WIDTH - 7)
        parts.append(svg.text(str(layer + 1), middle, HEIGHT + 42, 11, "middle", opacity=0.7))
    parts.append(svg.text("layer", LEFT + (WIDTH - LEFT) / 2, HEIGHT + 42, 11, "middle", opacity=0.7))
    label = f"{title}: {len(quantiles)} layers, from {ends[0]} to {ends[1]}"
    return svg.root(parts, WIDTH, HEIGHT + 48, label, share=share)


def _violin(
    counts: np.ndarray, quantiles: np.ndarray, centre: float, unit: float, height: Callable[[Any], Any]
) -> tuple[str, str, str]:
    """Path data of its outline, of its middle half and of its median."""
    edges = height(np.linspace(quantiles[0], quantiles[-1], len(counts) + 1))
    half = counts / max(counts.max(), 1) * unit * 0.46
    heights = (edges[:-1] + edges[1:]) / 2
    points = np.stack([np.r_[centre + half, (centre - half)[::-1]], np.r_[heights, heights[::-1]]], 1)
    outline = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points.tolist()) + "Z"
    lower, median, upper = (height(float(quantiles[which])) for which in (2, 3, 4))
    wing = unit * 0.36
    return (
        outline,
        f"M{centre:.1f} {lower:.1f}V{upper:.1f}",
        f"M{centre - wing:.1f} {median:.1f}H{centre + wing:.1f}",
    )


def heat(gradients: np.ndarray, low: float, high: float, title: str, step: int, steps: int) -> Markup:
    """Gradient norms (steps so far, layers) as colours on a log scale, the last layer on top; `step` is marked.

    `low` and `high` are powers of ten; grey is 0 or not finite. HTML as wide as its column, with the
    margins of `components.curves`, so that a step is below the same step of the chart above.
    """
    left = f"{100 * (step + 0.5) / steps:.2f}%"
    label = f"{title}: gradient norm of each layer over {len(gradients)} steps"
    head = element("div", title, style="font-size:14px;font-weight:600;padding-bottom:4px")
    axis = element(
        "div",
        element("span", "last layer"),
        element("span", "first layer"),
        style="display:flex;flex-direction:column;justify-content:space-between;text-align:right;opacity:.7",
    )
    width = f"width:{100 * len(gradients) / steps:.2f}%"
    look = f"position:absolute;height:100%;{width};image-rendering:pixelated"
    image = element("img", alt="", src=data_uri(_colours(gradients, low, high)), style=look)
    mark = element("i", style=f"position:absolute;left:{left};top:-3px;bottom:-3px;border-left:2px solid {svg.MARK}")
    map_ = element(
        "div", image, mark, style="position:relative;height:110px;box-shadow:0 0 0 1px rgba(128,128,128,.25)"
    )
    columns = "display:grid;grid-template-columns:38px 1fr;gap:6px;padding-right:12px;font-size:12px"
    body = element("div", axis, map_, style=columns)
    return element("div", head, body, role="img", aria_label=label, style="flex:1 1 100%;min-width:0")


def _colours(gradients: np.ndarray, low: float, high: float) -> np.ndarray:
    """uint8 (layers, steps, 3), the last layer first."""
    with np.errstate(divide="ignore", invalid="ignore"):
        exponent = np.log10(gradients.T[::-1])
    known = np.isfinite(exponent)
    share = np.where(known, (exponent - low) / ((high - low) or 1), 0)
    colours = rgb(2 * share - 1, 1.0, tuple(zip(np.linspace(0, 1, len(SEQUENCE)), SEQUENCE, strict=True)))
    colours[~known] = MISSING
    return colours


def scale(low: float, high: float) -> Markup:
    """The colours of `heat` and what they mean, as HTML."""
    ends = [f"1e{exponent:g}".replace("-", "−") for exponent in (low, high)]
    colours = f"width:150px;height:12px;border-radius:3px;background:linear-gradient(90deg,{','.join(SEQUENCE)})"
    return element(
        "div",
        element("span", ends[0]),
        element("span", style=colours),
        element("span", ends[1]),
        element("span", "‖∂L/∂W‖; grey: 0 or not finite", style="opacity:.8"),
        role="img",
        aria_label=f"Colours from {ends[0]} to {ends[1]}",
        style="display:flex;flex-wrap:wrap;align-items:center;gap:4px 10px;font-size:13px;padding-left:44px",
    )
