"""The runs of this visitor: the result of each, a comparison, and each as a start for the next."""

from __future__ import annotations

import streamlit as st

from core.jobs.run_state import RunView
from core.percent import percent
from playground import units
from playground.charts import run_comparison
from playground.charts.run_comparison import ACCURACY, LOSS
from playground.identity import owner
from playground.job_manager import job_manager
from playground.plotly_chart import plotly_chart
from playground.training.history.config_diff import comparison, differing, numbered, parallel_axes, settings
from playground.training.history.restore_config import SET_TO, restore

AT_FIRST = 2  # runs compared until somebody chooses


@st.fragment
def show() -> None:
    """This visitor's finished runs; nothing before there is one."""
    if st.session_state.pop(f"{SET_TO} now", False):
        st.rerun()  # the controls stand outside this fragment
    runs = numbered(job_manager().runs(owner()))
    if not runs:
        return
    st.subheader("Your runs", anchor=False)
    if name := st.session_state.pop(SET_TO, None):
        st.success(f"The controls are set to {name}. Change one setting and start.", icon=":material/tune:")
    titles = {name: title(name, view) for name, view in runs.items()}
    names = st.multiselect("Compare runs", list(runs), list(runs)[:AT_FIRST], format_func=titles.get, key="runs")
    chosen = {name: runs[name] for name in names if name in runs}
    if chosen:
        _curves(chosen)
        _differences(chosen)
        _repeat_buttons(chosen)


def title(name: str, view: RunView) -> str:
    """A run in one line."""
    result = percent(view.done.val_accuracy) if view.done else "failed"
    network = "your own network" if "(" in view.config.network else view.config.network
    return f"{name}: {network}, {units.counted(len(view.epochs), 'epoch')}, {view.source.title}, {result}"


def _curves(chosen: dict[str, RunView]) -> None:
    epochs = {name: view.epochs for name, view in chosen.items()}
    for column, what in zip(st.columns(2, gap="medium"), (LOSS, ACCURACY), strict=True):
        alt = f"{what} on training and validation images after each epoch: {', '.join(chosen)}"
        with column:
            plotly_chart(run_comparison.curves(epochs, what), f"runs-{what}", alt)


def _differences(chosen: dict[str, RunView]) -> None:
    views = list(chosen.values())
    different = differing(views)
    if len(views) > 1:
        same_count = len(settings(views[0])) - len(different)
        marked = ", ".join(f"**{name}**" for name in different) or "nothing"
        st.markdown(f"They differ in {marked}. The other {same_count} settings are equal.")
    st.dataframe(comparison(chosen), alt="Settings that differ, and results, one column per run.")
    axes = parallel_axes(chosen)
    if axes:
        alt = f"Parallel coordinates: one line per run across {', '.join(axes)}"
        plotly_chart(run_comparison.parallel_coordinates(axes), "runs-parallel", alt)


def _repeat_buttons(chosen: dict[str, RunView]) -> None:
    """A button per run."""
    with st.container(horizontal=True):
        for name, view in chosen.items():
            options = {"icon": ":material/replay:", "help": "Sets all controls to the settings of this run."}
            label, key = f"Repeat {name} with one change", f"again-{name}"
            st.button(label, key=key, on_click=_restore, args=(name, view), **options)


def _restore(name: str, view: RunView) -> None:
    restore(name, view)
    st.session_state[f"{SET_TO} now"] = True
