"""Drawings of the activation lesson: histograms, and the outputs of a stack of layers vs. those of one matrix."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from playground import units
from playground.charts import svg
from playground.markup import element

WIDTH, HEIGHT, FOOT = 320, 150, 36


def histogram(
    values: np.ndarray, title: str, low: float, high: float, colour: str, bins: int = 48, digits: int = 3
) -> Markup:
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
            element(
                "rect",
                x=f"{number * unit:.2f}",
                y=f"{HEIGHT - tall:.2f}",
                width=f"{unit * 0.92:.2f}",
                height=f"{tall:.2f}",
                fill=colour,
            )
        )
    left, right = position(mean - std), position(mean + std)
    parts += [
        element("line", x1=0, x2=WIDTH, y1=HEIGHT, y2=HEIGHT, stroke="currentColor", stroke_opacity=0.5),
        element(
            "line",
            x1=f"{left:.1f}",
            x2=f"{right:.1f}",
            y1=HEIGHT + 4,
            y2=HEIGHT + 4,
            stroke="currentColor",
            stroke_width=3,
            stroke_opacity=0.6,
        ),
        element("circle", cx=f"{position(mean):.1f}", cy=HEIGHT + 4, r=4, fill="currentColor"),
        svg.text(svg.plain(edges[0]), 0, HEIGHT + 22, 11, opacity=0.7),
        svg.text(svg.plain(edges[-1]), WIDTH, HEIGHT + 22, 11, "end", opacity=0.7),
        svg.text(summary, WIDTH / 2, HEIGHT + 22, 12, "middle"),
    ]
    return svg.root(parts, WIDTH, HEIGHT + FOOT, f"{title}: {summary}", share="max(40%, 240px)")


def agreement(stack: np.ndarray, matrix: np.ndarray) -> Markup:
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
        element(
            "path", d=f"M{left} {6 + side}L{left + side} 6", stroke=svg.MARK, stroke_width=1.5, stroke_dasharray="5 4"
        ),
        element(
            "path",
            d=dots,
            stroke="var(--st-primary-color)",
            stroke_opacity=0.55,
            stroke_width=4,
            stroke_linecap="round",
        ),
        *ends,
        svg.text("stack of layers", middle, side + 20, 12, "middle"),
        element(
            "text",
            "one matrix",
            x=left - 10,
            y=f"{6 + side / 2}",
            font_size=12,
            text_anchor="middle",
            fill="currentColor",
            transform=f"rotate(-90 {left - 10} {6 + side / 2})",
        ),
    ]
    label = f"{len(stack)} outputs of the stack of layers vs. those of one matrix, up to ±{units.significant(bound, 3)}"
    return svg.root(parts, left + side + 4, side + 26, label)
