"""Both networks of the gradient lesson trained on the same batches, live, with a way back through the run."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from core.lessons import gradients as deep
from playground import live_training, units
from playground.charts import gradients as charts
from playground.components.curves import Line, Panel, curves
from playground.components.inline_svg import drawing
from playground.gradients import settings
from playground.gradients.layers import COLOURS

STEPS = 200
WILD = 100  # a loss that many times its least is seen on a log axis


@st.fragment
def section() -> None:
    """Both on the same batches, live, with a way back through the run."""
    live_training.buttons(
        "g-race", settings.now, lambda asked: deep.train_both(*asked, STEPS), f"Train both for {STEPS} steps"
    )
    noted()
    live_training.watch("g-race", show)


@st.fragment(key="g-noted")
def noted() -> None:
    """Whether the run on show is that of other settings."""
    live_training.note("g-race", settings.now())


def show(run: live_training.Race) -> None:
    """Losses and gradients so far; once it is over, a slider goes back to any step."""
    place = len(run.moments) - 1
    with st.container():  # there from the start, so that nothing below changes its place when the slider comes
        if run.over and place > 0:
            place = st.slider("step", 0, place, place, key="g-step", help="Back through the run.")
    sides = {
        name: [step for step in steps if step is not None]
        for name, steps in zip("AB", zip(*run.moments, strict=True), strict=True)
    }
    courses(sides, place)
    gradients = {name: np.array([step.weight_gradient for step in steps]) for name, steps in sides.items()}
    positive = np.concatenate([g[np.isfinite(g) & (g > 0)] for g in gradients.values()])
    low, high = (np.floor(np.log10(positive.min())), np.ceil(np.log10(positive.max()))) if len(positive) else (-1, 1)
    low = max(low, high - 12)
    heats = []
    for name, values in gradients.items():
        here = sides[name][min(place, len(values) - 1)]
        heats.append(charts.heat(values, low, high, f"{name}: {said(here)}", here.number, STEPS))
    drawing("".join([*heats, charts.scale(low, high)]), key="g-heat")


def courses(sides: Mapping[str, list[deep.Step]], place: int) -> None:
    """Loss and dead units, step by step; a loss that grows out of all bounds has a log axis."""

    def line(name: str, values: list[float]) -> Line:
        return Line(name, np.pad(values, (0, STEPS - len(values)), constant_values=np.nan), COLOURS[name])

    losses = [line(name, [step.loss for step in steps]) for name, steps in sides.items()]
    dead = [line(name, [step.dead.mean() if np.isfinite(step.loss) else np.nan for step in steps])
            for name, steps in sides.items()]  # fmt: skip
    finite = [y for one in losses for y in one.y if np.isfinite(y)]
    wild = bool(finite) and max(finite) > WILD * min(finite) > 0
    panels = {"loss": Panel("loss on each batch", losses, log=wild), "dead": Panel("share of dead units", dead, low=0)}
    for key, panel in panels.items():
        curves(np.arange(STEPS), [panel], key=f"g-{key}", x_name="step", start=place)


def said(step: deep.Step) -> str:
    """Where a run stands, or where it ended."""
    if not np.isfinite(step.loss):
        return f"ended at step {step.number}, where the loss is no number any more"
    return f"step {step.number}, loss {units.significant(step.loss)}, dead units {step.dead.mean():.1%}"
