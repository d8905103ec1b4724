"""Drawings of the dropout lesson: random masks on the maps of a photograph, and predictions that differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from core.lessons.dropout import DropoutSample, StochasticPredictions
from core.percent import percent
from playground.charts import svg
from playground.charts.theme import WEIGHT_SCALE, css_colour, rgb, tinted
from playground.markup import element, joined, style_sheet

TILE, HEAD, MAPS_PER_ROW, FRAME_SECONDS = 104, 22, 3, 0.9
DROPPED = "#b0479b"
WEIGHTS_PER_ROW = 10
BRIGHTEST = 1.4  # white is at most this times the largest value without dropout, so that the maps stay visible


def _colours(values: np.ndarray, bound: float, signed: bool) -> np.ndarray:
    return rgb(values, bound) if signed else svg.grey(values, 0, bound)


def _marked(sample: DropoutSample, columns: slice, bound: float, signed: bool) -> np.ndarray:
    """Some maps with one random mask side by side as one image, gaps transparent: uint8 (H, width, 4)."""
    affected = sample.affected[columns]
    colours = tinted(_colours(sample.after[columns], bound, signed), affected, DROPPED, 0.4)
    tiles = np.concatenate([colours, np.full((*affected.shape, 1), 255, np.uint8)], -1)
    gap = np.zeros((tiles.shape[1], 2, 4), dtype=np.uint8)
    return np.concatenate([part for tile in tiles for part in (tile, gap)][:-1], axis=1)


def masks(
    samples: Sequence[DropoutSample], first: int, title: str, unit: str, weight: np.ndarray | None = None
) -> Markup:
    """The maps without dropout above, and below them one random mask after another; not animated if there is one.

    Two drawings of MAPS_PER_ROW maps at most, side by side where there is room. Args: `first` is the seed of the first
    mask; `title` is shown above the maps; `unit` says what is dropped ("values dropped"); `weight` (R, inputs), of
    which some are dropped, is drawn below the maps. With reduced motion only the first mask is shown.
    """
    count = len(samples[0].before)
    label = f"{count} maps without dropout, and with mask {first}: {percent(samples[0].share, 1)} of {unit}"
    largest = float(np.abs(samples[0].before).max())
    bound = min(max(float(np.abs(one.after).max()) for one in samples), BRIGHTEST * largest) or 1.0
    heads = [
        (title, [f"Mask {first + later}: {percent(one.share, 1)} of {unit}" for later, one in enumerate(samples)]),
        ("", [f"Mean {_mean(one.after)}, without dropout {_mean(one.before)}" for one in samples]),
    ]
    halves = [slice(start, min(start + MAPS_PER_ROW, count)) for start in range(0, count, MAPS_PER_ROW)]
    return joined(
        _half(samples, columns, bound, head, label, weight) for columns, head in zip(halves, heads, strict=False)
    )


def _mean(values: np.ndarray) -> str:
    return svg.plain(float(values.mean()))


def _half(
    samples: Sequence[DropoutSample],
    columns: slice,
    bound: float,
    head: tuple[str, Sequence[str]],
    label: str,
    weight: np.ndarray | None,
) -> Markup:
    """Some of the maps, and a frame per mask."""
    signed, side = bool(samples[0].before.min() < 0), samples[0].before.shape[-1]
    step = TILE * (side + 2) / side  # the gap is two cells wide, in the strip and between the tiles
    parts, top = [svg.text(head[0], 0, 14, 13, weight=600), _style(len(samples))], 2 * HEAD + TILE + 4
    for column, values in enumerate(samples[0].before[columns]):
        parts.append(svg.picture(_colours(values, bound, signed), column * step, HEAD, TILE, TILE))
    width = (columns.stop - columns.start) * step - (step - TILE)
    for number, (sample, caption) in enumerate(zip(samples, head[1], strict=True)):
        frame = [svg.text(caption, 0, top - 6, 13, weight=600 if head[0] else 400)]
        frame.append(svg.pixels(_marked(sample, columns, bound, signed), 0, top, width, TILE))
        if weight is not None and sample.dropped_weights is not None:
            frame.append(_weights(weight, sample.dropped_weights, columns, step, top + TILE + 8))
        parts.append(element("g", frame, class_="draw-frame", style=f"animation-delay:{number * FRAME_SECONDS:g}s"))
    height = top + TILE + (0 if weight is None else 52)
    return svg.root(parts, MAPS_PER_ROW * step, height + 1, label, share="280px")


def _style(frames: int) -> Markup | None:
    """Each frame is visible for its share of the loop; with reduced motion only the first."""
    if frames == 1:
        return None
    share = 100 / frames
    return style_sheet(
        f".draw-frame{{opacity:0;animation:draw-seen {frames * FRAME_SECONDS:g}s step-end infinite}}"
        f"@keyframes draw-seen{{0%{{opacity:1}}{share:.4f}%{{opacity:0}}}}"
        "@media (prefers-reduced-motion:reduce){.draw-frame{animation:none}.draw-frame:nth-of-type(1){opacity:1}}"
    )


def _weights(weight: np.ndarray, dropped: np.ndarray, columns: slice, step: float, top: float) -> Markup:
    """The weights of each map as small cells; dropped ones are empty."""
    cell, parts = TILE / WEIGHTS_PER_ROW, []
    colours = rgb(weight, float(np.abs(weight).max()), WEIGHT_SCALE)[columns]
    for (row, index), is_dropped in np.ndenumerate(dropped[columns]):
        left = row * step + index % WEIGHTS_PER_ROW * cell
        fill, y = "none" if is_dropped else css_colour(colours[row, index]), top + index // WEIGHTS_PER_ROW * cell
        parts.append(svg.rect(left, y, cell - 1, cell - 1, fill, stroke=svg.INK, stroke_opacity=0.25, stroke_width=0.6))
    return joined(parts)


def predictions(mc: StochasticPredictions, image: np.ndarray) -> Markup:
    """The digit, and for each class a dot per pass, the mean of the passes, and the prediction in evaluation mode."""
    left, height, unit = 38, 180, 31
    width, parts = left + 10 * unit, []
    for share in (0, 0.5, 1):
        y = 12 + height * (1 - share)
        parts.append(svg.line(left, y, width, y, stroke_opacity=0.2))
        parts.append(svg.text(percent(share, 0), left - 6, y + 4, 11, "end", opacity=0.7))
    spread = np.linspace(-0.32, 0.32, len(mc.passes))
    for digit in range(10):
        middle = left + (digit + 0.5) * unit
        for offset, probability in zip(spread, mc.passes[:, digit], strict=True):
            x, y = middle + offset * unit, 12 + height * (1 - probability)
            parts.append(svg.dot(x, y, 1.9, "var(--st-primary-color)", fill_opacity=0.5))
        for share, colour in ((mc.passes[:, digit].mean(), DROPPED), (mc.evaluation[digit], svg.MARK)):
            y = 12 + height * (1 - share)
            parts.append(svg.line(middle - 0.42 * unit, y, middle + 0.42 * unit, y, colour, stroke_width=3))
        is_true = digit == mc.label
        parts.append(svg.text(str(digit), middle, height + 30, 14, "middle", weight=700 if is_true else 400))
    label = (
        f"Probabilities of ten digits in {len(mc.passes)} passes with dropout; the true class is {mc.label}, "
        f"evaluation mode predicts {mc.evaluation.argmax()} with {percent(mc.evaluation.max(), 1)}"
    )
    digit_image = svg.root([svg.picture(svg.grey(image), 0, 12, 130, 130)], 131, 143, "The rotated digit", share="90px")
    return digit_image + svg.root(parts, width, height + 36, label, share="330px")
