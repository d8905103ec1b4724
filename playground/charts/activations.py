"""Drawings of the activation lesson: histograms, and the outputs of a stack of layers vs. those of one matrix."""

from __future__ import annotations

import numpy as np

from playground import units
from playground.charts import svg

WIDTH, HEIGHT, FOOT = 320, 150, 36


def histogram(
    values: np.ndarray, title: str, low: float, high: float, colour: str, bins: int = 48, digits: int = 3
) -> str:
    """Counts of values between two bounds, the rest in the end bins; mean and std (population) are marked and given."""
    counts, edges = np.histogram(np.clip(values, low, high), bins=bins, range=(low, high))
    unit, tallest = WIDTH / bins, max(int(counts.max()), 1)

    def position(value: float) -> float:
        return (min(max(value, low), high) - low) / (high - low) * WIDTH

    mean, std = float(values.mean()), float(values.std())
    summary = f"mean {mean:.{digits}f}, std {std:.{digits}f}".replace("-", "−")
    parts = [svg.text(title, 0, 13, 13, weight=600)]
    for number, count in enumerate(counts):
        tall = count / tallest * (HEIGHT - 24)
        parts.append(
            f'<rect x="{number * unit:.2f}" y="{HEIGHT - tall:.2f}" width="{unit * 0.92:.2f}" height="{tall:.2f}" '
            f'fill="{colour}"/>'
        )
    left, right = position(mean - std), position(mean + std)
    parts += [
        f'<line x1="0" x2="{WIDTH}" y1="{HEIGHT}" y2="{HEIGHT}" stroke="currentColor" stroke-opacity="0.5"/>',
        f'<line x1="{left:.1f}" x2="{right:.1f}" y1="{HEIGHT + 4}" y2="{HEIGHT + 4}" stroke="currentColor" '
        'stroke-width="3" stroke-opacity="0.6"/>',
        f'<circle cx="{position(mean):.1f}" cy="{HEIGHT + 4}" r="4" fill="currentColor"/>',
        svg.text(svg.plain(edges[0]), 0, HEIGHT + 22, 11, opacity=0.7),
        svg.text(svg.plain(edges[-1]), WIDTH, HEIGHT + 22, 11, "end", opacity=0.7),
        svg.text(summary, WIDTH / 2, HEIGHT + 22, 12, "middle"),
    ]
    return svg.root(parts, WIDTH, HEIGHT + FOOT, f"{title}: {summary}", share="max(40%, 240px)")


def agreement(stack: np.ndarray, matrix: np.ndarray) -> str:
    """One dot per output: x from a stack of layers, y from one matrix; on the dashed line both agree."""
    side, left = 250, 28
    bound = float(max(np.abs(stack).max(), np.abs(matrix).max())) or 1.0
    x_positions = left + side * (0.5 + np.clip(stack / bound, -1, 1) * 0.48)
    y_positions = 6 + side * (0.5 - np.clip(matrix / bound, -1, 1) * 0.48)
    dots = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in zip(x_positions, y_positions, strict=True))
    ends = (svg.text(words, x, side + 20, 11, anchor, opacity=0.7) for words, x, anchor in (
        (units.significant(-bound, 3), left, "start"), (units.significant(bound, 3), left + side, "end"),
    ))  # fmt: skip
    middle = left + side / 2
    parts = [
        svg.box(left, 6, side, side),
        f'<path d="M{left} {6 + side}L{left + side} 6" stroke="{svg.MARK}" stroke-width="1.5" stroke-dasharray="5 4"/>',
        f'<path d="{dots}" stroke="var(--st-primary-color)" stroke-opacity="0.55" stroke-width="4" '
        'stroke-linecap="round"/>',
        *ends,
        svg.text("stack of layers", middle, side + 20, 12, "middle"),
        f'<text x="{left - 10}" y="{6 + side / 2}" font-size="12" text-anchor="middle" fill="currentColor" '
        f'transform="rotate(-90 {left - 10} {6 + side / 2})">one matrix</text>',
    ]
    label = f"{len(stack)} outputs of the stack of layers vs. those of one matrix, up to ±{units.significant(bound, 3)}"
    return svg.root(parts, left + side + 4, side + 26, label)
