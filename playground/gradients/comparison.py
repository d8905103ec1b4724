"""Both networks of the gradient page trained live on the same batches; then a slider goes back through the run."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from core.lessons.gradients import GradientStep, train_both
from playground import lesson, live_training
from playground.charts import gradients as charts
from playground.components.curves import Line, Panel, curves
from playground.components.inline_svg import inline_svg
from playground.gradients import settings, text
from playground.gradients.layers import COLOURS

STEPS = 200
LOG_RATIO = 100  # a loss that many times its minimum is drawn on a log axis
DECADES = 12  # of gradient norms that the colours span at most


@lesson.fragment
def section() -> None:
    """The buttons, a note where the settings have changed, and the run."""
    live_training.buttons(
        "g-run", settings.current, lambda pair: train_both(*pair, STEPS), f"Train both for {STEPS} steps"
    )
    note()
    live_training.watch("g-run", show)


@lesson.fragment(key="g-run-note")
def note() -> None:
    """Whether the run on the screen is that of other settings."""
    live_training.note("g-run", settings.current())


def show(run: live_training.LiveRun) -> None:
    """Losses and gradients so far; once it is over, a slider goes back to any step."""
    last = step = len(run.history) - 1
    with st.container():  # there from the start, so that nothing below shifts when the slider comes
        if run.is_over and last > 0:
            step = st.slider("Step", 0, last, last, key="g-step", help="Back through the run.")
    runs = {
        name: [one for one in steps if one is not None]
        for name, steps in zip("AB", zip(*run.history, strict=True), strict=True)
    }
    losses(runs, step)
    gradients(runs, step)


def losses(runs: Mapping[str, list[GradientStep]], step: int) -> None:
    """Loss and share of dead units per step; a loss that grows without bound has a log axis."""

    def line(name: str, values: list[float]) -> Line:
        return Line(name, np.pad(values, (0, STEPS - len(values)), constant_values=np.nan), COLOURS[name])

    loss = [line(name, [one.loss for one in steps]) for name, steps in runs.items()]
    dead = [line(name, [one.dead.mean() if np.isfinite(one.loss) else np.nan for one in steps])
            for name, steps in runs.items()]  # fmt: skip
    finite = [y for one in loss for y in one.y if np.isfinite(y)]
    log = bool(finite) and max(finite) > LOG_RATIO * min(finite) > 0
    panels = {"loss": Panel("Loss per batch", loss, log=log), "dead": Panel("Share of dead units", dead, low=0)}
    for key, panel in panels.items():
        curves(np.arange(STEPS), [panel], key=f"g-{key}", x_name="step", start=step)


def gradients(runs: Mapping[str, list[GradientStep]], step: int) -> None:
    """The gradient norm of each layer over the steps, as colours on one log scale."""
    norms = {name: np.array([one.weight_gradient for one in steps]) for name, steps in runs.items()}
    positive = np.concatenate([values[np.isfinite(values) & (values > 0)] for values in norms.values()])
    low, high = (np.floor(np.log10(positive.min())), np.ceil(np.log10(positive.max()))) if len(positive) else (-1, 1)
    low = max(low, high - DECADES)
    maps = []
    for name, values in norms.items():
        shown = runs[name][min(step, len(values) - 1)]
        title = f"Network {name}: {text.progress(shown)}"
        maps.append(charts.heat(values, low, high, title, shown.number, STEPS))
    inline_svg("".join([*maps, charts.scale(low, high)]), key="g-heat")
