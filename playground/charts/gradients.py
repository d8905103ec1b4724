"""Drawings of the gradient lesson: distributions layer by layer, and gradients over time."""

from __future__ import annotations

import numpy as np

from playground.charts import svg

WIDTH, HEIGHT, LEFT = 620, 150, 46
SEQUENCE = ("#0b2350", "#245dc2", "#5fb0c9", "#bfe3a8", "#fff3b0")  # small to large
MISSING = (150, 150, 150)


def violins(density: np.ndarray, spread: np.ndarray, title: str, colour: str) -> str:
    """Each layer's outputs as a violin from its least to its greatest value, with a line at its median.

    density: counts (layers, bins) over that range; spread: quantiles (layers, 7), of which 0, 3 and 6 are least, median
    and greatest.
    """
    finite = np.isfinite(spread).all(1)
    if not finite.any():
        return svg.root([svg.text(f"{title}: nothing finite is left", 0, 16, 13)], WIDTH, 24, title)
    low, high = float(spread[finite, 0].min()), float(spread[finite, 6].max())
    low, high = (low, high) if high > low else (low - 1, high + 1)
    unit = (WIDTH - LEFT) / len(spread)

    def place(value: float) -> float:
        return 24 + (high - value) / (high - low) * HEIGHT

    parts = [svg.text(title, 0, 14, 13, weight=600)]
    for value in (low, high):
        parts.append(svg.text(f"{value:.3g}", LEFT - 6, place(value) + 4, 11, "end", opacity=0.7))
    for layer in np.flatnonzero(finite):
        parts.append(_violin(density[layer], spread[layer], LEFT + (layer + 0.5) * unit, unit, place, colour))
    for layer in {0, len(spread) - 1}:
        parts.append(svg.text(str(layer + 1), LEFT + (layer + 0.5) * unit, HEIGHT + 40, 11, "middle", opacity=0.7))
    parts.append(svg.text("layer", LEFT + (WIDTH - LEFT) / 2, HEIGHT + 40, 11, "middle", opacity=0.7))
    label = f"{title}: outputs of {len(spread)} layers, between {low:.3g} and {high:.3g}"
    return svg.root(parts, WIDTH, HEIGHT + 46, label)


def _violin(counts: np.ndarray, spread: np.ndarray, centre: float, unit: float, place, colour: str) -> str:
    edges = np.linspace(spread[0], spread[-1], len(counts) + 1)
    half = counts / max(counts.max(), 1) * unit * 0.46
    right = [(centre + h, place((a + b) / 2)) for h, a, b in zip(half, edges[:-1], edges[1:], strict=True)]
    left = [(2 * centre - x, y) for x, y in reversed(right)]
    outline = " ".join(f"{x:.1f},{y:.1f}" for x, y in [*right, *left])
    median = place(float(spread[3]))
    return (
        f'<polygon points="{outline}" fill="{colour}" fill-opacity="0.55" stroke="{colour}" stroke-width="0.8"/>'
        f'<line x1="{centre - unit * 0.4:.1f}" x2="{centre + unit * 0.4:.1f}" y1="{median:.1f}" y2="{median:.1f}" '
        'stroke="currentColor" stroke-width="1.6"/>'
    )


def heat(gradients: np.ndarray, low: float, high: float, title: str, step: int, steps: int) -> str:
    """Gradient norms (steps so far, layers) as colours on a log scale, the last layer on top; `step` is marked.

    `low` and `high` are powers of ten; grey is 0, infinite or not a number.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        exponent = np.log10(gradients.T[::-1])
    stops = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in SEQUENCE], dtype=float)
    share = np.clip((exponent - low) / ((high - low) or 1), 0, 1)
    known = np.isfinite(exponent)
    channels = [np.interp(np.where(known, share, 0), np.linspace(0, 1, len(stops)), stops[:, c]) for c in range(3)]
    colours = np.rint(np.stack(channels, -1)).astype(np.uint8)
    colours[~known] = MISSING
    width = (WIDTH - LEFT) * len(gradients) / steps
    x = LEFT + (WIDTH - LEFT) * (step + 0.5) / steps
    parts = [
        svg.text(title, 0, 14, 13, weight=600),
        svg.picture(colours, LEFT, 22, width, HEIGHT * 0.7),
        svg.text("last", LEFT - 6, 34, 11, "end", opacity=0.7),
        svg.text("first", LEFT - 6, 20 + HEIGHT * 0.7, 11, "end", opacity=0.7),
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="20" y2="{24 + HEIGHT * 0.7:.1f}" stroke="{svg.MARK}" stroke-width="2"/>',
    ]
    return svg.root(
        parts, WIDTH, HEIGHT * 0.7 + 30, f"{title}: gradient norm of each layer over {len(gradients)} steps"
    )


def scale(low: float, high: float) -> str:
    """The colours of `heat` and what they mean."""
    stops = "".join(f'<stop offset="{i / (len(SEQUENCE) - 1):.2f}" stop-color="{c}"/>' for i, c in enumerate(SEQUENCE))
    parts = [
        f'<defs><linearGradient id="heat">{stops}</linearGradient></defs>',
        f'<rect x="{LEFT}" y="2" width="220" height="12" rx="3" fill="url(#heat)"/>',
        svg.text(f"1e{low:g}", LEFT - 6, 13, 11, "end"),
        svg.text(f"1e{high:g}   norm of dL/dW; grey: 0 or not finite", LEFT + 228, 13, 11),
    ]
    return svg.root(parts, WIDTH, 18, f"Colours from 1e{low:g} to 1e{high:g}")
