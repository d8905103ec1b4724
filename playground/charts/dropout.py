"""Drawings of the dropout lesson: draws one after another on the maps of a photograph, and answers that differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.lessons.dropout import Draw, Passes
from playground.charts import svg
from playground.charts.theme import WEIGHT_SCALE, rgb

TILE, HEAD, ACROSS, FRAME_S = 104, 22, 3, 0.9
GONE = "#b0479b"
WEIGHTS_ACROSS = 10
BRIGHTEST = 1.4  # times the largest value without dropout is white at most, so that the maps stay to be seen


def _colours(values: np.ndarray, bound: float, signed: bool) -> np.ndarray:
    return rgb(values, bound) if signed else svg.grey(values, 0, bound)


def _marked(one: Draw, places: slice, bound: float, signed: bool) -> np.ndarray:
    """Some maps after one draw side by side as one picture, gaps see-through: uint8 (H, width, 4)."""
    colours = _colours(one.after[places], bound, signed).astype(float)
    gone, struck = np.array([int(GONE[i : i + 2], 16) for i in (1, 3, 5)]), one.touched[places]
    colours[struck] = 0.4 * colours[struck] + 0.6 * gone
    tiles = np.concatenate([np.rint(colours), np.full((*struck.shape, 1), 255)], -1).astype(np.uint8)
    gap = np.zeros((tiles.shape[1], 2, 4), dtype=np.uint8)
    return np.concatenate([part for tile in tiles for part in (tile, gap)][:-1], axis=1)


def draws(shown: Sequence[Draw], first: int, title: str, what: str, weight: np.ndarray | None = None) -> str:
    """The maps without dropout above, and under them one draw after another; a still picture where there is one draw.

    Two drawings of ACROSS maps at most, side by side where there is room. Args: `first` is the number of the first
    draw; `title` stands over the maps; `what` says what went ("the values dropped"); `weight` (R, inputs), where some
    weights are left out, is drawn below the maps. Who asks for less motion sees the first draw.
    """
    count = len(shown[0].before)
    label = f"{count} maps without dropout, and draw {first} on them: {shown[0].share:.1%} of {what}"
    most = float(np.abs(shown[0].before).max())
    bound = min(max(float(np.abs(one.after).max()) for one in shown), BRIGHTEST * most) or 1.0
    heads = [
        (title, [f"draw {first + later}: {one.share:.1%} of {what}" for later, one in enumerate(shown)]),
        ("", [f"mean {_mean(one.after)}, without {_mean(one.before)}" for one in shown]),
    ]
    halves = [slice(start, min(start + ACROSS, count)) for start in range(0, count, ACROSS)]
    return "".join(
        _half(shown, places, bound, head, label, weight) for places, head in zip(halves, heads, strict=False)
    )


def _mean(values: np.ndarray) -> str:
    return svg.plain(float(values.mean()))


def _half(
    shown: Sequence[Draw],
    places: slice,
    bound: float,
    head: tuple[str, Sequence[str]],
    label: str,
    weight: np.ndarray | None,
) -> str:
    """Some of the maps, and the frames of their draws."""
    signed, side = bool(shown[0].before.min() < 0), shown[0].before.shape[-1]
    step = TILE * (side + 2) / side  # the gap is two cells wide, in the picture as between the tiles
    parts, top = [svg.text(head[0], 0, 14, 13, weight=600), _style(len(shown))], 2 * HEAD + TILE + 4
    for place, values in enumerate(shown[0].before[places]):
        parts.append(svg.picture(_colours(values, bound, signed), place * step, HEAD, TILE, TILE))
    width = (places.stop - places.start) * step - (step - TILE)
    for number, (one, words) in enumerate(zip(shown, head[1], strict=True)):
        frame = [svg.text(words, 0, top - 6, 13, weight=600 if head[0] else 400)]
        frame.append(_strip(_marked(one, places, bound, signed), top, width))
        if weight is not None and one.lost is not None:
            frame.append(_weights(weight, one.lost, places, step, top + TILE + 8))
        parts.append(f'<g class="draw-frame" style="animation-delay:{number * FRAME_S:g}s">{"".join(frame)}</g>')
    height = top + TILE + (0 if weight is None else 52)
    return svg.root(parts, ACROSS * step, height + 1, label, share="280px")


def _style(frames: int) -> str:
    """Each frame is seen for its share of the round; without motion only the first is."""
    if frames == 1:
        return ""
    seen = 100 / frames
    return (
        f"<style>.draw-frame{{opacity:0;animation:draw-seen {frames * FRAME_S:g}s step-end infinite}}"
        f"@keyframes draw-seen{{0%{{opacity:1}}{seen:.4f}%{{opacity:0}}}}"
        "@media (prefers-reduced-motion:reduce){.draw-frame{animation:none}.draw-frame:nth-of-type(1){opacity:1}}"
        "</style>"
    )


def _strip(colours: np.ndarray, top: float, width: float) -> str:
    """One picture across all maps."""
    return svg.picture(colours, 0, top, width, TILE).rsplit("<rect", 1)[0]


def _weights(weight: np.ndarray, lost: np.ndarray, places: slice, step: float, top: float) -> str:
    """The weights behind each map as small cells; those left out are empty."""
    cell, parts = TILE / WEIGHTS_ACROSS, []
    colours = rgb(weight, float(np.abs(weight).max()), WEIGHT_SCALE)[places]
    for (row, place), gone in np.ndenumerate(lost[places]):
        left = row * step + place % WEIGHTS_ACROSS * cell
        red, green, blue = colours[row, place]
        fill = "none" if gone else f"rgb({red},{green},{blue})"
        parts.append(
            f'<rect x="{left:.1f}" y="{top + place // WEIGHTS_ACROSS * cell:.1f}" width="{cell - 1:.1f}" '
            f'height="{cell - 1:.1f}" fill="{fill}" stroke="currentColor" stroke-opacity="0.25" stroke-width="0.6"/>'
        )
    return "".join(parts)


def answers(found: Passes, picture: np.ndarray) -> str:
    """The digit, and for each class a dot a pass, the mean of the passes, and what evaluation says."""
    left, height, unit = 38, 180, 31
    width, parts = left + 10 * unit, []
    for share in (0, 0.5, 1):
        y = 12 + height * (1 - share)
        parts.append(
            f'<line x1="{left}" x2="{width}" y1="{y:g}" y2="{y:g}" stroke="currentColor" stroke-opacity="0.2"/>'
        )
        parts.append(svg.text(f"{share:.0%}", left - 6, y + 4, 11, "end", opacity=0.7))
    spread = np.linspace(-0.32, 0.32, len(found.passes))
    for digit in range(10):
        middle = left + (digit + 0.5) * unit
        for aside, chance in zip(spread, found.passes[:, digit], strict=True):
            x, y = middle + aside * unit, 12 + height * (1 - chance)
            parts.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.9" fill="var(--st-primary-color)" fill-opacity="0.5"/>'
            )
        parts.append(_level(middle, unit, 12 + height * (1 - found.passes[:, digit].mean()), GONE, 3))
        parts.append(_level(middle, unit, 12 + height * (1 - found.evaluation[digit]), svg.MARK, 3))
        right = digit == found.label
        parts.append(svg.text(str(digit), middle, height + 30, 14, "middle", weight=700 if right else 400))
    label = (
        f"Chances of ten digits in {len(found.passes)} passes; the right one is {found.label}, "
        f"evaluation says {found.evaluation.argmax()} with {found.evaluation.max():.1%}"
    )
    asked = svg.root(
        [svg.picture(svg.grey(picture), 0, 12, 130, 130)], 131, 143, "The digit as it is shown", share="90px"
    )
    return asked + svg.root(parts, width, height + 36, label, share="330px")


def _level(middle: float, unit: float, y: float, colour: str, thickness: float) -> str:
    return (
        f'<line x1="{middle - 0.42 * unit:.1f}" x2="{middle + 0.42 * unit:.1f}" y1="{y:.1f}" y2="{y:.1f}" '
        f'stroke="{colour}" stroke-width="{thickness:g}"/>'
    )
