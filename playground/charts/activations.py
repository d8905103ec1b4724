"""Drawings of the activation lesson: histograms before and after."""

from __future__ import annotations

import numpy as np

from playground.charts import svg

WIDTH, HEIGHT, FOOT = 320, 150, 36


def histogram(values: np.ndarray, title: str, low: float, high: float, colour: str, bins: int = 48) -> str:
    """Counts of values between two bounds, the rest in the end bins; mean and deviation are marked and said."""
    counts, edges = np.histogram(np.clip(values, low, high), bins=bins, range=(low, high))
    unit, tallest = WIDTH / bins, max(int(counts.max()), 1)

    def place(value: float) -> float:
        return (min(max(value, low), high) - low) / (high - low) * WIDTH

    mean, deviation = float(values.mean()), float(values.std())
    parts = [svg.text(title, 0, 13, 13, weight=600)]
    for number, count in enumerate(counts):
        tall = count / tallest * (HEIGHT - 24)
        parts.append(
            f'<rect x="{number * unit:.2f}" y="{HEIGHT - tall:.2f}" width="{unit * 0.92:.2f}" height="{tall:.2f}" '
            f'fill="{colour}"/>'
        )
    left, right = place(mean - deviation), place(mean + deviation)
    parts += [
        f'<line x1="0" x2="{WIDTH}" y1="{HEIGHT}" y2="{HEIGHT}" stroke="currentColor" stroke-opacity="0.5"/>',
        f'<line x1="{left:.1f}" x2="{right:.1f}" y1="{HEIGHT + 4}" y2="{HEIGHT + 4}" stroke="currentColor" '
        'stroke-width="3" stroke-opacity="0.6"/>',
        f'<circle cx="{place(mean):.1f}" cy="{HEIGHT + 4}" r="4" fill="currentColor"/>',
        svg.text(f"{edges[0]:g}", 0, HEIGHT + 22, 11, opacity=0.7),
        svg.text(f"{edges[-1]:g}", WIDTH, HEIGHT + 22, 11, "end", opacity=0.7),
        svg.text(f"mean {mean:.3f}, deviation {deviation:.3f}", WIDTH / 2, HEIGHT + 22, 12, "middle"),
    ]
    label = f"{title}: mean {mean:.3f}, deviation {deviation:.3f}"
    return svg.root(parts, WIDTH, HEIGHT + FOOT, label, share="max(40%, 240px)")
