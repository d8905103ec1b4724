"""What the initialization page draws: bands over seeds, hidden units as images, the heat map of schemes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import plotly.graph_objects as go
from markupsafe import Markup

from playground.charts import svg
from playground.charts.plotly_template import figure, note
from playground.charts.theme import DATA_SCALE, WEIGHT_SCALE, rgb, text_colour
from playground.components.curves import PALETTE, Band, Line, Panel

HEAD = 110  # pixels above the cells, for the names of the activations
BOUND = 3.0  # powers of ten at either end of the colours


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


def units(weights: np.ndarray, title: str) -> Markup:
    """The weights of 8 hidden units (8, 8, 8) as images in two rows, on one scale symmetric about 0."""
    side, gap = 64, 8
    bound = float(np.abs(weights).max())
    parts = [svg.text(title, 0, 13, 13, weight=600)]
    for number, one in enumerate(weights):
        row, column = divmod(number, 4)
        x, y = column * (side + gap), 22 + row * (side + gap)
        parts.append(svg.picture(rgb(one, bound, WEIGHT_SCALE), x, y, side, side))
    width, height = 4 * side + 3 * gap, 22 + 2 * side + gap + 18
    scale = f"green = −{bound:.3g}, white = 0, purple = {bound:.3g}" if bound else "white = 0"
    parts.append(svg.text(scale, 0, height - 3, 11, opacity=0.75))
    return svg.root(parts, width, height, f"{title}: the weights of 8 hidden units", share="max(40%, 240px)")


def std_change(
    decades: np.ndarray, names: Sequence[str], activations: Sequence[str], suited: Collection[tuple[str, str]]
) -> go.Figure:
    """By how many powers of ten the std changes through the layers (names, activations); suited pairs are framed."""
    shown = np.nan_to_num(decades, posinf=BOUND, neginf=-BOUND)
    words = [[_change(value) for value in row] for row in decades]
    ink = text_colour(rgb(shown, BOUND, DATA_SCALE))
    cells = go.Heatmap(
        z=shown, x=list(activations), y=list(names), zmin=-BOUND, zmax=BOUND, colorscale=[list(s) for s in DATA_SCALE],
        xgap=2, ygap=2, showscale=False, customdata=words,
        hovertemplate="%{y} with %{x}: std × 10<sup>%{customdata}</sup><extra></extra>",
    )  # fmt: skip
    notes = [
        note(words[i][j], {"size": 11, "color": str(ink[i, j])}, x=j, y=i)
        for i in range(len(names))
        for j in range(len(activations))
    ]
    frames = [
        {"type": "rect", "x0": j - 0.46, "x1": j + 0.46, "y0": i - 0.44, "y1": i + 0.44,
         "line": {"color": svg.GOOD, "width": 3}}
        for i, name in enumerate(names)
        for j, activation in enumerate(activations)
        if (name, activation) in suited
    ]  # fmt: skip
    return figure(
        [cells],
        height=HEAD + 28 * len(names),
        xaxis={"side": "top", "tickangle": -45, "showgrid": False},
        yaxis={"autorange": "reversed", "showgrid": False},
        annotations=notes,
        shapes=frames,
    )


def _change(decades: float) -> str:
    """A change of the std in powers of ten; nothing left is −∞."""
    return {-np.inf: "−∞", np.inf: "+∞"}.get(float(decades)) or _signed(decades)


def _signed(value: float) -> str:
    """One decimal with its sign; what rounds to zero has none.

    >>> _signed(-0.04), _signed(9.44), _signed(-2.91)
    ('0.0', '+9.4', '−2.9')
    """
    return "0.0" if abs(value) < 0.05 else f"{value:+.1f}".replace("-", "−")
