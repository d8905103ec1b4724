"""Drawings of the activation lesson: histograms, and the outputs of a stack of layers vs. those of one."""

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
    unit, tall = WIDTH / bins, counts / max(int(counts.max()), 1) * (HEIGHT - 24)

    def position(value: float) -> float:
        return (min(max(value, low), high) - low) / (high - low) * WIDTH

    mean, std = round(float(values.mean()), digits) + 0.0, float(values.std())  # no −0
    summary = f"mean {mean:.{digits}f}, std {std:.{digits}f}".replace("-", "−")
    left, right, below = position(mean - std), position(mean + std), HEIGHT + 4
    parts = [
        svg.text(title, 0, 13, 13, weight=600),
        *(svg.rect(number * unit, HEIGHT - one, unit * 0.92, one, colour) for number, one in enumerate(tall)),
        svg.line(0, HEIGHT, WIDTH, HEIGHT, stroke_opacity=0.5),
        svg.line(left, below, right, below, stroke_width=3, stroke_opacity=0.6),
        svg.dot(position(mean), below, 4, svg.INK),
        svg.text(svg.plain(edges[0]), 0, HEIGHT + 22, 11, opacity=0.7),
        svg.text(svg.plain(edges[-1]), WIDTH, HEIGHT + 22, 11, "end", opacity=0.7),
        svg.text(summary, WIDTH / 2, HEIGHT + 22, 12, "middle"),
    ]
    return svg.root(parts, WIDTH, HEIGHT + FOOT, f"{title}: {summary}", share="max(40%, 240px)")


def agreement(stack: np.ndarray, matrix: np.ndarray) -> Markup:
    """One dot per output: x from a stack of layers, y from one linear layer; on the dashed line both agree."""
    side, left = 250, 28
    bound = float(max(np.abs(stack).max(), np.abs(matrix).max())) or 1.0
    x_positions = left + side * (0.5 + np.clip(stack / bound, -1, 1) * 0.48)
    y_positions = 6 + side * (0.5 - np.clip(matrix / bound, -1, 1) * 0.48)
    dots = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in zip(x_positions, y_positions, strict=True))
    right, below, beside, middle = left + side, side + 20, left - 10, 6 + side / 2
    stroke = {"stroke": "var(--st-primary-color)", "stroke_opacity": 0.55, "stroke_width": 4, "stroke_linecap": "round"}
    parts = [
        svg.box(left, 6, side, side),
        svg.line(left, 6 + side, right, 6, svg.MARK, stroke_width=1.5, stroke_dasharray="5 4"),
        element("path", d=dots, **stroke),
        svg.text(units.significant(-bound, 3), left, below, 11, opacity=0.7),
        svg.text(units.significant(bound, 3), right, below, 11, "end", opacity=0.7),
        svg.text("stack of layers", left + side / 2, below, 12, "middle"),
        svg.text("one layer", beside, middle, 12, "middle", transform=f"rotate(-90 {beside} {middle})"),
    ]
    label = f"{len(stack)} outputs of the stack of layers vs. those of one layer, up to ±{units.significant(bound, 3)}"
    return svg.root(parts, left + side + 4, side + 26, label)
