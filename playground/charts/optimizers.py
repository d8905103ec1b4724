"""What the optimizers page draws: tracks on a surface, flat and in 3-D, losses and schedules, steps as LaTeX."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from core.lessons.optimizers.surfaces import DescentPath
from core.lessons.optimizers.training import LessonStep
from core.lessons.optimizers.worked_steps import WorkedLine
from core.optim import OPTIMIZERS
from core.optim.update_rules import Assignment
from playground.charts.plotly_template import figure
from playground.components.curves import PALETTE, Line
from playground.components.loss_surface import SurfaceFrame, Track

DASHES = {"AdamW": "6 5", "Nesterov": "2 3"}  # where two lie on each other, both are seen
SURFACE = [[0, "#0b3c8c"], [0.5, "#5b92ea"], [1, "#eef4ff"]]  # the deeper, the darker
HeightOf = Callable[[np.ndarray, np.ndarray], np.ndarray]  # x (n,), y (n,) -> height (n,)
PLOTLY_DASHES = {"": "solid", "6 5": "dash", "2 3": "dot"}


def colour(name: str, number: int) -> str:
    """An optimizer has the same colour everywhere; of other runs each has its own."""
    index = list(OPTIMIZERS).index(name) if name in OPTIMIZERS else number
    return PALETTE[index % len(PALETTE)]


def tracks(paths: Mapping[str, DescentPath]) -> list[Track]:
    return [
        Track(
            name, path.points, path.losses, colour(name, number), path.outcome, path.diverged is not None,
            DASHES.get(name, ""),
        )
        for number, (name, path) in enumerate(paths.items())
    ]  # fmt: skip


def surface_3d(heights: np.ndarray, frame: SurfaceFrame, tracks: Sequence[Track], height_of: HeightOf) -> go.Figure:
    """The surface as the map shows it, and each track lifted a little above it, so that no slope hides it.

    Args: heights (rows, columns), top row first, in 0..1; `height_of(x, y)` gives the same height at any points.
    """
    rows, columns = heights.shape
    x, y = np.linspace(*frame.x, columns), np.linspace(frame.y[1], frame.y[0], rows)
    ground = go.Surface(
        x=x, y=y, z=heights, colorscale=SURFACE, showscale=False, opacity=0.92, name="loss",
        contours={"z": {"show": True, "color": "rgba(255,255,255,0.5)", "start": 0, "end": 1, "size": 0.08}},
        hovertemplate="x %{x:.2f}<br>y %{y:.2f}<extra></extra>",
    )  # fmt: skip
    paths = [_path(track, frame, height_of) for track in tracks]
    scene = {
        "xaxis": {"title": {"text": "x"}},
        "yaxis": {"title": {"text": "y"}},
        "zaxis": {"title": {"text": "loss (log scale)"}, "showticklabels": False},
        "aspectratio": {"x": 1.3, "y": 1, "z": 0.65},
        "camera": {"eye": {"x": -1.3, "y": -1.45, "z": 0.95}},
    }
    return figure([ground, *paths], height=520, scene=scene, uirevision="the view stays when a setting moves")


def _path(track: Track, frame: SurfaceFrame, height_of: HeightOf) -> go.Scatter3d:
    """The points of a track that lie over the picture."""
    points = np.asarray(track.points, dtype=float)
    (left, right), (low, high) = frame.x, frame.y
    inside = (points[:, 0] >= left) & (points[:, 0] <= right) & (points[:, 1] >= low) & (points[:, 1] <= high)
    x, y = points[inside].T
    return go.Scatter3d(
        x=x, y=y, z=height_of(x, y) + 0.012, name=track.name, mode="lines+markers",
        line={"color": track.colour, "width": 6, "dash": PLOTLY_DASHES.get(track.dash, "solid")}, marker={"size": 2.5},
        customdata=np.flatnonzero(inside), hovertemplate=f"{track.name}, step %{{customdata}}<extra></extra>",
    )  # fmt: skip


def formulas(lines: Sequence[Assignment], knobs: Mapping[str, float]) -> list[str]:
    """An optimizer's lines as formulas, a row of LaTeX each; those of a knob at 0 are left out."""
    return [
        line.formula.replace(r" \leftarrow", r" &\leftarrow")
        for line in lines
        if not line.when or knobs.get(line.when)
    ]  # fmt: skip


def worked(steps: Sequence[Sequence[WorkedLine]], axis: str) -> list[list[str]]:
    """Each step's lines with their numbers, a row each; weights and gradients are those of one axis."""
    return [[_row(line, axis, number) for line in step] for number, step in enumerate(steps, start=1)]


def under_each_other(blocks: Sequence[Sequence[str]]) -> str:
    """Blocks of rows as one piece of LaTeX, with room between them and all signs of equality in one column."""
    rows = r" \\[1.2em] ".join(r" \\[2pt] ".join(block) for block in blocks)
    return rf"\begin{{aligned}} {rows} \end{{aligned}}"


def _row(line: WorkedLine, axis: str, number: int) -> str:
    target = line.target.replace(r"\theta", axis)
    sign = "=" if line.exact else r"\approx"
    return rf"{target}_{{{number}}} &= {line.numbers} {sign} {line.result}"


def padded(steps: Sequence[LessonStep | None], field: str, length: int) -> np.ndarray:
    """One field of each step (length,), NaN from where the run ended or has not come to."""
    values = [getattr(step, field) if step else math.nan for step in steps]
    return np.array(values + [math.nan] * (length - len(values)))


def losses(history: Sequence[tuple[LessonStep | None, ...]], names: Sequence[str], steps: int) -> list[Line]:
    columns = zip(*history, strict=True) if history else [[] for _ in names]
    return [
        Line(name, padded(column, "smooth", steps), colour(name, number), DASHES.get(name, ""))
        for number, (name, column) in enumerate(zip(names, columns, strict=True))
    ]


def schedules(rates_of: Mapping[str, Sequence[float]], chosen: str) -> go.Figure:
    """The learning rate of every step of each schedule, the chosen one drawn thick."""
    traces = [
        go.Scatter(
            y=list(rates),
            name=name,
            mode="lines",
            line={"width": 4 if name == chosen else 1.5},
            hovertemplate=f"step %{{x}}: %{{y:.3g}}<extra>{name}</extra>",
        )
        for name, rates in rates_of.items()
    ]
    return figure(
        traces,
        height=320,
        xaxis={"title": {"text": "step"}},
        yaxis={"title": {"text": "learning rate"}, "rangemode": "tozero"},
    )
