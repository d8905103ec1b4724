"""Drawings of the normalization lesson: channels before and after, predictions by batch, errors by batch size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from markupsafe import Markup

from core.lessons.normalization.effects.before_after import ChannelHistograms
from core.percent import percent
from playground.charts import svg
from playground.charts.theme import WEIGHT_SCALE, rgb
from playground.components.curves import PALETTE, Line
from playground.markup import element

BEFORE, AFTER = "#8a93a6", PALETTE[0]
WIDTH, HEIGHT, TOP = 150, 84, 22


def channel(histograms: ChannelHistograms, index: int) -> Markup:
    """One channel as two histograms over one axis, and its figures before and after."""
    counts = [counts[index] for counts in histograms.counts]
    tallest = max(1, *(int(one.max()) for one in counts))
    left, right = float(histograms.edges[0]), float(histograms.edges[-1])

    def position(value: float) -> float:
        return (value - left) / (right - left) * WIDTH

    parts = [svg.text(f"Channel {index}", 0, 13, 13, weight=600)]
    if left < 0 < right:
        parts.append(svg.line(position(0.0), TOP, position(0.0), TOP + HEIGHT, stroke_opacity=0.4))
    for one, colour, opacity in zip(counts, (BEFORE, AFTER), (0.5, 0.55), strict=True):
        parts.append(_steps(one / tallest, colour, opacity))
    parts += [
        svg.text(svg.plain(round(left, 1)), 0, TOP + HEIGHT + 13, 11, opacity=0.7),
        svg.text("0", position(0.0), TOP + HEIGHT + 13, 11, "middle", opacity=0.7) if left < 0 < right else None,
        svg.text(svg.plain(round(right, 1)), WIDTH, TOP + HEIGHT + 13, 11, "end", opacity=0.7),
    ]
    lines = figures(histograms, index)
    parts += [svg.text(line, 0, TOP + HEIGHT + 30 + 15 * row, 11.5) for row, line in enumerate(lines)]
    label = f"Channel {index}, before and after: {'; '.join(lines)}"
    return svg.root(parts, WIDTH, TOP + HEIGHT + 68, label, share="max(22%, 130px)")


def figures(histograms: ChannelHistograms, index: int) -> list[str]:
    """Mean, standard deviation and share of values at which the activation is flat, before and after."""
    pairs = (histograms.mean, histograms.std, histograms.saturated_share)
    mean, std, saturated = ([float(values[index]) for values in pair] for pair in pairs)
    return [
        f"mean {decimals(mean[0])} → {decimals(mean[1])}",
        f"std {decimals(std[0])} → {decimals(std[1])}",
        f"flat {percent(saturated[0], 0)} → {percent(saturated[1], 0)}",
    ]


def decimals(value: float) -> str:
    """Three decimals, no negative zero, a real minus sign.

    >>> decimals(-0.0002), decimals(-1.25)
    ('0.000', '−1.250')
    """
    text = f"{value:.3f}"
    return "0.000" if float(text) == 0 else text.replace("-", "−")


def _steps(shares: np.ndarray, colour: str, opacity: float) -> Markup:
    """A histogram as one outline, `shares` of the full height."""
    unit = WIDTH / len(shares)
    base = TOP + HEIGHT
    points = [f"0,{base}"]
    for bin_, share in enumerate(shares):
        y = base - share * HEIGHT
        points += [f"{bin_ * unit:.1f},{y:.1f}", f"{(bin_ + 1) * unit:.1f},{y:.1f}"]
    points.append(f"{WIDTH},{base}")
    return element("polygon", points=" ".join(points), fill=colour, fill_opacity=opacity, stroke=colour)


def strip(by_size: Mapping[int, np.ndarray], evaluation: float, truth: str, chosen: int) -> Markup:
    """The probability of the true class in evaluation, and a dot for each batch that the image was part of.

    by_size: batch size -> probabilities (draws,).
    """
    width, height, left, top = 480, 170, 44, 30
    unit = (width - left) / (len(by_size) + 1)

    def y_of(share: float) -> float:
        return top + (1 - share) * height

    parts = [svg.text(f"Probability of the true class, “{truth}”", 0, 14, 13, weight=600)]
    for share in (0, 0.5, 1):
        parts.append(svg.text(percent(share, 0), left - 8, y_of(share) + 4, 11, "end", opacity=0.7))
        parts.append(svg.line(left, y_of(share), width, y_of(share), stroke_opacity=0.15))
    level = y_of(evaluation)
    parts.append(svg.line(left, level, width, level, svg.GOOD, stroke_opacity=1, stroke_dasharray="5 4"))
    columns = [("eval()", np.array([evaluation]), svg.GOOD)]
    columns += [(f"batch {size}", one, svg.MARK if size == chosen else AFTER) for size, one in by_size.items()]
    for number, (name, values, colour) in enumerate(columns):
        middle = left + (number + 0.5) * unit
        spread = np.linspace(-0.25, 0.25, len(values)) * unit if len(values) > 1 else [0.0]
        parts += [
            svg.dot(middle + x, y_of(float(value)), 4.5, colour, fill_opacity=0.8)
            for x, value in zip(spread, values, strict=True)
        ]
        parts.append(svg.text(name, middle, top + height + 20, 12, "middle"))
    ends = ", ".join(
        f"batches of {size}: {percent(one.min(), 1)} to {percent(one.max(), 1)}" for size, one in by_size.items()
    )
    label = f"Probability of the true class {truth}: in evaluation {percent(evaluation, 1)}; {ends}"
    return svg.root(parts, width, top + height + 30, label, share="100%")


def batch(images: np.ndarray, title: str, most: int = 8) -> Markup:
    """The first images (N, H, W) of a batch in a row, the very first framed."""
    side, gap, top = 46, 8, 24
    parts = [svg.text(title, 0, 14, 13)]
    shown = images[:most]
    for number, image in enumerate(shown):
        x = number * (side + gap) + 2
        parts.append(svg.picture(svg.grey(image, float(images.min()), float(images.max())), x, top, side, side))
        if number == 0:
            parts.append(svg.box(x, top, side, side, svg.MARK, 3, 1.0))
    if len(images) > most:
        parts.append(svg.text(f"and {len(images) - most} more", most * (side + gap) + 4, top + side / 2 + 4, 12))
    width = max(310, len(shown) * (side + gap) + (76 if len(images) > most else 0))
    return svg.root(parts, width, top + side + 6, title)


def kernels(before: np.ndarray, after: np.ndarray) -> Markup:
    """The kernel of every output channel (C, 3, 3) before and after folding, both on one scale."""
    cell, gap, left, top = 16, 12, 62, 20
    bound = float(max(np.abs(before).max(), np.abs(after).max()))
    side = 3 * cell
    parts = []
    for row, (name, weights) in enumerate((("conv", before), ("folded", after))):
        y = top + row * (side + gap)
        parts.append(svg.text(name, 0, y + side / 2 + 4, 12))
        for column, one in enumerate(weights):
            x = left + column * (side + gap)
            parts.append(svg.picture(rgb(one, bound, WEIGHT_SCALE), x, y, side, side))
            if row == 0:
                parts.append(svg.text(str(column), x + side / 2, top - 6, 11, "middle", opacity=0.7))
    height = top + 2 * (side + gap) + 8
    parts.append(svg.text(f"green −{bound:.3g}, white 0, purple {bound:.3g}", left, height, 11, opacity=0.75))
    return svg.root(parts, left + len(before) * (side + gap), height + 6, "Kernels before and after folding")


def band(quantiles: np.ndarray, rmse: np.ndarray, theories: Mapping[str, np.ndarray]) -> list[Line]:
    """StatisticErrors by batch size: 95th percentile, median, 5th percentile (sizes, 3), root mean square, theories."""
    names = ("95th percentile of batches", "median of batches", "5th percentile of batches")
    lines = [Line(name, quantiles[:, 2 - k], PALETTE[0], "" if k == 1 else "3 4") for k, name in enumerate(names)]
    lines.append(Line("root mean square, measured", rmse, PALETTE[1]))
    dashes = ("7 4", "1 4")
    return lines + [Line(name, values, PALETTE[2 + k], dashes[k]) for k, (name, values) in enumerate(theories.items())]


def averages(values: Sequence[float], steps: int, window: int = 8) -> np.ndarray:
    """The mean of each value and up to `window` - 1 before it, padded with NaN to `steps`.

    >>> averages([1.0, 3.0], 3, 2).tolist()
    [1.0, 2.0, nan]
    """
    means = [float(np.mean(values[max(0, k + 1 - window) : k + 1])) for k in range(len(values))]
    return np.array(means + [np.nan] * (steps - len(means)))


def recent(values: Sequence[float], window: int = 8) -> str:
    """The mean of the last values, in words where it is not finite.

    >>> recent([1.0, 2.0]), recent([1.0, float("inf")]), recent([])
    ('1.5', 'not finite (diverged)', '')
    """
    if not values:
        return ""
    mean = float(np.mean(values[-window:]))
    return f"{mean:.4g}" if np.isfinite(mean) else "not finite (diverged)"
