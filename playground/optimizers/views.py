"""What the optimizers page draws and says: paths on a surface, steps with numbers, trainings, schedules."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import streamlit as st

from core.lessons.optimizers import surfaces, training
from core.lessons.optimizers.worked_steps import worked_steps as work_out
from core.optim import SCHEDULES, get_optimizer, get_schedule
from core.optim.update_rules import legend
from core.percent import percent
from core.training.lr_range_test import HIGHEST, LOWEST, RangeTestStep
from playground import computation_gate, controls, lesson, live_training
from playground.charts import optimizers as charts
from playground.charts.lr_range_test import rate_curve
from playground.components.curves import PALETTE, Line, Panel, curves
from playground.components.formula import formula
from playground.components.loss_surface import SurfaceFrame, Track, loss_surface
from playground.markup import table
from playground.optimizers import text
from playground.optimizers.settings import DescentSettings, move_start
from playground.plotly_chart import plotly_chart

NamedRuns = Sequence[tuple[str, training.LessonRun]]
RunsAtStep = tuple[training.LessonStep | None, ...]
AT_MOST = 20  # steps between two redraws

_path = st.cache_data(surfaces.path, max_entries=2000, show_spinner=False)


def paths(descent: DescentSettings) -> dict[str, surfaces.DescentPath]:
    surface, start, lr = descent.surface, descent.start, descent.lr
    return {name: _path(surface, name, start, lr, descent.knobs_of(name)) for name in descent.optimizers}


def surface(descent: DescentSettings, descent_paths: dict[str, surfaces.DescentPath]) -> None:
    chosen = surfaces.SURFACES[descent.surface]
    formula(rf"f(x, y) = {chosen.formula}", key="op-surface-formula")
    frame, tracks = SurfaceFrame(chosen.x, chosen.y, chosen.minima), charts.tracks(descent_paths)
    loss_surface(surfaces.heights(descent.surface), frame, descent.start, tracks, "op-loss-surface", move_start)
    if warning := text.divergence(descent.lr, descent_paths):
        st.warning(warning)
    lesson.legend(text.surface_legend(descent.surface))
    _surface_3d(descent.surface, frame, tracks)


def _surface_3d(name: str, frame: SurfaceFrame, tracks: Sequence[Track]) -> None:
    """The same surface and paths in three dimensions, once somebody opens it."""
    expander = st.expander("Loss surface in 3-D", icon=":material/view_in_ar:", key="op_3d", bind=controls.LINK)
    if expander.open:
        alt = f"The surface {name} in three dimensions with the paths of {', '.join(track.name for track in tracks)}"
        figure = charts.surface_3d(surfaces.heights(name), frame, tracks, partial(surfaces.height, name))
        with expander:
            plotly_chart(figure, "op-surface-3d", alt)


def worked_steps(descent: DescentSettings, name: str, axis: str, form: str) -> None:
    """The first two steps of one optimizer with their numbers, in one form of its update rule."""
    entry, knobs = get_optimizer(name), descent.knobs_of(name)
    formula(_two_steps(descent.surface, name, descent.start, descent.lr, knobs, axis, form), key="op-steps")
    lines = (line for line in getattr(entry, form) if not line.when or dict(knobs).get(line.when))
    lesson.legend(legend(list(lines)))
    st.markdown(entry.difference)


@st.cache_data(max_entries=2000, show_spinner=False)
def _two_steps(
    surface: str, name: str, start: tuple[float, float], lr: float, knobs: surfaces.KnobValues, axis: str, form: str
) -> str:
    """An optimizer's lines, and under them its first two steps with their numbers (LaTeX)."""
    general = charts.formulas(getattr(get_optimizer(name), form), dict(knobs))
    steps = work_out(surface, name, start, lr, knobs, form, axis="xy".index(axis))
    return charts.under_each_other([general, *charts.worked(steps, axis)])


range_test = computation_gate.cached(100, apart=True)(training.whole_range_test)


def range_curve(steps: Sequence[RangeTestStep], suggested: float) -> None:
    alt = f"Loss vs. learning rate over {len(steps)} steps; suggested learning rate {suggested:.2g}"
    plotly_chart(rate_curve(steps, LOWEST, HIGHEST, suggested), "op-lr-range-test", alt)
    st.markdown(text.range_test(steps, suggested))


def schedule(run: training.LessonRun) -> None:
    """The learning rate of every step, beside those of the other schedules, and its formula."""
    entry = get_schedule(run.schedule)
    rates = {name: training.rates(name, run.learning_rate) for name in SCHEDULES}
    rates[run.schedule] = training.rates(run.schedule, run.learning_rate, run.schedule_knobs)
    line = Line(run.schedule, np.array(rates[run.schedule]), PALETTE[0])
    curves(range(training.STEPS), [Panel("Learning rate", [line], low=0.0)], "op-schedule", "step")
    st.caption(text.schedule_caption(run, rates[run.schedule]))
    formula(entry.formula, key="op-schedule-formula")
    common = r"$\eta_t$ = learning rate of step $t$, $\eta$ = learning rate that the optimizer was created with"
    lesson.legend(", ".join((common, *entry.symbols)))
    _all_schedules(rates, run.schedule)


def _all_schedules(rates: Mapping[str, Sequence[float]], chosen: str) -> None:
    """The chosen schedule beside all others, once somebody opens it: too much to draw while a slider moves."""
    expander = st.expander(
        "Compare with the other schedules", icon=":material/stacked_line_chart:", key="op_all", bind=controls.LINK
    )
    if expander.open:
        alt = f"Learning rate of each of {training.STEPS} steps with {', '.join(rates)}; {chosen} is highlighted"
        with expander:
            plotly_chart(charts.schedules(rates, chosen), "op-schedules", alt)
            st.caption("The others have their standard settings. Choose a name in the legend to hide its line.")


def start_button(key: str, runs: NamedRuns, seed: int, label: str) -> None:
    """The buttons of a training of several runs side by side."""
    live_training.controls(key, (runs, seed), lambda: training.train_all([run for _, run in runs], seed), label)


def before_start(key: str, runs: NamedRuns) -> None:
    """What is going to be trained, until it is."""
    if not live_training.has_started(key):
        st.markdown(standings(runs, []))


def watch(key: str, shows_rates: bool = False) -> None:
    """Loss curves of the runs under way, and where they stand; with the rates taken by the last one, if wanted."""

    def draw(running: live_training.LiveRun) -> None:
        runs, history = running.settings[0], running.history
        _losses(key, runs, history)
        if shows_rates:
            _rates_taken(key, runs[-1][0], history)

    live_training.watch(key, draw, at_most=AT_MOST)


def _losses(key: str, runs: NamedRuns, history: Sequence[RunsAtStep]) -> None:
    names = [name for name, _ in runs]
    lines = charts.losses(history, names, training.STEPS)
    panel = Panel(f"Loss, {len(history)} of {training.STEPS} steps", lines, low=0.0, high=3.0)
    curves(range(training.STEPS), [panel], f"{key}-curves", "step", max(len(history) - 1, 0))
    st.markdown(standings(runs, history))


def standings(runs: NamedRuns, history: Sequence[RunsAtStep]) -> str:
    """Where each run stands, as a table: its learning rate, its loss, and at the end the accuracy."""
    rows = []
    for number, (name, run) in enumerate(runs):
        last = next((steps[number] for steps in reversed(history) if steps[number]), None)
        loss = "" if last is None else f"{last.smooth:.4f}" if math.isfinite(last.smooth) else "diverged"
        accuracy = percent(last.accuracy) if last and last.accuracy is not None else ""
        rows.append((name, f"{run.learning_rate:.3g}", loss, accuracy))
    return table(("", "learning rate", "loss (moving average)", "training accuracy"), rows, "->>>")


def _rates_taken(key: str, name: str, history: Sequence[RunsAtStep]) -> None:
    rates = charts.padded([steps[-1] for steps in history], "rate", training.STEPS)
    panel = Panel(f"Learning rates used, {name}", [Line("Learning rate", rates, PALETTE[1])], low=0.0)
    curves(range(training.STEPS), [panel], "op-taken", "step")
