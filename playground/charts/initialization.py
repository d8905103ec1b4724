"""What the initialization page draws: bands over seeds, hidden units as images, the table of schemes."""

from __future__ import annotations

import numpy as np

from playground.charts import svg
from playground.charts.theme import DATA_SCALE, WEIGHT_SCALE, rgb, text_colour
from playground.components.curves import PALETTE, Band, Line, Panel

CELL, NAME, HEAD = 52, 116, 86
BOUND = 3.0  # decades at either end of the table's colours


def band(
    title: str, edges: tuple[np.ndarray, np.ndarray, np.ndarray], expected: np.ndarray | None, log: bool = False
) -> Panel:
    """The median over the seeds, the band between minimum and maximum, and the theory where there is one."""
    low, middle, high = edges
    lines = [
        Line("Maximum over seeds", high, PALETTE[0], "1 4"),
        Line("Median over seeds", middle, PALETTE[0]),
        Line("Minimum over seeds", low, PALETTE[0], "1 4"),
    ]
    theory = [] if expected is None else [Line("Theory (infinite width)", expected, PALETTE[1])]
    return Panel(title, [*lines, *theory], log=log, bands=[Band(low, high, PALETTE[0])])


def units(weights: np.ndarray, title: str) -> str:
    """The weights of 8 hidden units (8, 8, 8) as images in two rows, on one scale symmetric about 0."""
    side, gap = 64, 8
    bound = float(np.abs(weights).max())
    parts = [svg.text(title, 0, 13, 13, weight=600)]
    for number, one in enumerate(weights):
        row, column = divmod(number, 4)
        x, y = column * (side + gap), 22 + row * (side + gap)
        parts.append(svg.picture(rgb(one, bound, WEIGHT_SCALE), x, y, side, side))
    width, height = 4 * side + 3 * gap, 22 + 2 * side + gap + 18
    parts.append(svg.text(f"green = −{bound:.3g}, white = 0, purple = {bound:.3g}", 0, height - 3, 11, opacity=0.75))
    return svg.root(parts, width, height, f"{title}: the weights of 8 hidden units", share="max(40%, 240px)")


def table(
    decades: np.ndarray, names: tuple[str, ...], activations: tuple[str, ...], suited: set[tuple[str, str]]
) -> str:
    """log10 of what the std changes by (names, activations); pairs that were made for each other are framed."""
    width, height = NAME + CELL * len(activations), HEAD + 26 * len(names)
    parts = []
    for j, activation in enumerate(activations):
        x = NAME + CELL * (j + 0.5)
        parts.append(
            f'<text x="{x:g}" y="{HEAD - 8}" font-size="11" fill="currentColor" '
            f'transform="rotate(-45 {x:g} {HEAD - 8})">{activation}</text>'
        )
    for i, name in enumerate(names):
        y = HEAD + 26 * i
        parts.append(svg.text(name, NAME - 8, y + 17, 12, "end"))
        for j, activation in enumerate(activations):
            parts.append(_cell(decades[i, j], NAME + CELL * j, y, (name, activation) in suited))
    label = (
        "By how many powers of ten the standard deviation changes through the layers, for each scheme and activation"
    )
    drawn = svg.root(parts, width + 40, height + 4, label, shown_width=width + 40)
    return drawn.replace("<svg ", '<svg style="min-width:1040px" ', 1)  # on a phone it scrolls instead of shrinking


def _cell(decades: float, x: float, y: float, framed: bool) -> str:
    shown = np.nan_to_num(decades, posinf=BOUND, neginf=-BOUND)
    colour = rgb(np.array(shown), BOUND, DATA_SCALE)
    ink = str(text_colour(colour))
    words = {-np.inf: "−∞", np.inf: "+∞"}.get(float(decades)) or _signed(decades)
    red, green, blue = colour
    cell = f'<rect x="{x + 1:g}" y="{y + 1:g}" width="{CELL - 2}" height="24" fill="rgb({red},{green},{blue})"/>'
    frame = svg.box(x + 2, y + 2, CELL - 4, 22, svg.GOOD, 3, 1.0) if framed else ""
    return cell + svg.text(words, x + CELL / 2, y + 17, 11, "middle", ink) + frame


def _signed(value: float) -> str:
    """One decimal with its sign; what rounds to zero has none.

    >>> _signed(-0.04), _signed(9.44), _signed(-2.91)
    ('0.0', '+9.4', '−2.9')
    """
    return "0.0" if abs(value) < 0.05 else f"{value:+.1f}".replace("-", "−")
