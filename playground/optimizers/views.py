"""What the optimizers page draws: paths on the surface, steps with numbers, trainings side by side, schedules."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.lessons.optimizers import surfaces, training
from core.lessons.optimizers.worked_steps import worked_steps as work_out
from core.optim import get_optimizer, get_schedule
from core.training.lr_range_test import RangeTestStep
from playground import lesson, live_training
from playground.charts import optimizers as charts
from playground.components.curves import PALETTE, Line, Panel, curves
from playground.components.formula import maths
from playground.components.loss_surface import SurfaceFrame, loss_surface
from playground.optimizers import text
from playground.optimizers.settings import DescentSettings, move_start

NamedRuns = Sequence[tuple[str, training.LessonRun]]
AT_MOST = 20  # steps between two redraws
FORMS = {"As PyTorch computes it": "lines", "As the textbook writes it": "textbook"}

_path = st.cache_data(surfaces.path, max_entries=2000, show_spinner=False)


def paths(descent: DescentSettings) -> dict[str, surfaces.DescentSettingsPath]:
    """The path of every optimizer."""
    surface, start, lr = descent.surface, descent.start, descent.lr
    return {name: _path(surface, name, start, lr, descent.knobs_of(name)) for name in descent.optimizers}


def surface(descent: DescentSettings, descents: dict[str, surfaces.DescentSettingsPath]) -> None:
    """The surface with all paths on it."""
    chosen = surfaces.SURFACES[descent.surface]
    maths(rf"f(x, y) = {chosen.formula}", key="op-surface-formula")
    frame = SurfaceFrame(chosen.x, chosen.y, chosen.minima)
    loss_surface(
        surfaces.heights(descent.surface), frame, descent.start, charts.tracks(descents), "op-loss-surface", move_start
    )
    if sentence := text.diverged(descents, descent.lr):
        st.warning(sentence)
    st.caption(text.surface(chosen))


def worked_steps(descent: DescentSettings, name: str, axis: str) -> None:
    """The first two steps of one optimizer with their numbers, in PyTorch's form and in the textbook's."""
    entry, knobs = get_optimizer(name), descent.knobs_of(name)
    settings = (descent.surface, name, descent.start, descent.lr, knobs, axis)
    maths(*((title, _two_steps(*settings, form)) for title, form in FORMS.items()), key="op-steps")
    lesson.legend(text.update_symbols(entry, dict(knobs)))
    st.markdown(entry.difference)


@st.cache_data(max_entries=2000, show_spinner=False)
def _two_steps(
    surface: str, name: str, start: tuple[float, float], lr: float, knobs: surfaces.KnobValues, axis: str, form: str
) -> str:
    """An optimizer's lines, and under them its first two steps with their numbers (LaTeX)."""
    general = charts.formulas(getattr(get_optimizer(name), form), dict(knobs))
    steps = work_out(surface, name, start, lr, knobs, form, axis="xy".index(axis))
    return charts.under_each_other([general, *charts.worked(steps, axis)])


@st.cache_data(max_entries=100, show_spinner=False)
def range_test(optimizer: str, seed: int) -> list[RangeTestStep]:
    """The range test of an optimizer on the digits."""
    return list(training.range_test(optimizer, seed))


def range_curve(steps: Sequence[RangeTestStep], suggested: float) -> None:
    """The loss against the learning rate, and what it says."""
    lines = [
        Line("Loss on the batch", [step.loss for step in steps], "#8a93a6"),
        Line("Moving average", [step.smooth for step in steps], PALETTE[0]),
    ]
    panel = Panel("Loss at a rising learning rate", lines, low=0.0, high=5.0)
    x = np.log10([step.rate for step in steps])
    curves(x, [panel], "op-finder", "log₁₀ learning rate", float(np.log10(suggested)))
    st.markdown(text.range_test(steps, suggested))


def schedule(run: training.LessonRun) -> None:
    """The learning rate of every step, and its formula."""
    entry = get_schedule(run.schedule)
    rates = Line(run.schedule, training.rates(run.schedule, run.learning_rate, run.schedule_knobs), PALETTE[0])
    title = "Learning rate (loss falls until halfway)" if entry.watches else "Learning rate"
    curves(range(training.STEPS), [Panel(title, [rates], low=0.0)], "op-schedule", "step")
    maths(entry.formula, key="op-schedule-formula")
    lesson.legend(text.schedule_symbols(entry))


def start_button(key: str, runs: NamedRuns, seed: int, label: str) -> None:
    """The buttons of a training of several runs side by side."""
    live_training.controls(key, (runs, seed), lambda: training.train_all([run for _, run in runs], seed), label)


def before_start(key: str, runs: NamedRuns) -> None:
    """What is going to be trained, until it is."""
    if not live_training.has_started(key):
        st.markdown(text.standings(runs, []))


def watch(key: str, shows_rates: bool = False) -> None:
    """Loss curves of the runs under way, and where they stand; with the rates taken by the last one, if wanted."""

    def draw(running: live_training.Race) -> None:
        runs, moments = running.asked[0], running.moments
        _losses(key, runs, moments)
        if shows_rates:
            _rates_taken(key, runs[-1][0], moments)

    live_training.watch(key, draw, at_most=AT_MOST)


def _losses(key: str, runs: NamedRuns, moments: Sequence[text.RunsAtStep]) -> None:
    names = [name for name, _ in runs]
    lines = charts.losses(moments, names, training.STEPS)
    panel = Panel(f"Loss, {len(moments)} of {training.STEPS} steps", lines, low=0.0, high=3.0)
    curves(range(training.STEPS), [panel], f"{key}-curves", "step", max(len(moments) - 1, 0))
    st.markdown(text.standings(runs, moments))


def _rates_taken(key: str, name: str, moments: Sequence[text.RunsAtStep]) -> None:
    rates = charts.padded([steps[-1] for steps in moments], "rate", training.STEPS)
    panel = Panel(f"Learning rates used, {name}", [Line("Learning rate", rates, PALETTE[1])], low=0.0)
    curves(range(training.STEPS), [panel], "op-taken", "step")
