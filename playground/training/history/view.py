"""The history on the page."""

from __future__ import annotations

import streamlit as st

from core.jobs.run_state import RunView
from playground.charts.history import ACCURACY, LOSS, overlay_spec, points
from playground.identity import owner
from playground.job_manager import job_manager
from playground.training.history.config_diff import comparison, differing, numbered, settings
from playground.training.history.restore_config import SET_TO, take_over

AT_FIRST = 2  # runs laid over each other until somebody chooses


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
        st.success(f"The controls are set to {name}. Change one thing, and start.", icon=":material/tune:")
    titles = {name: title(name, view) for name, view in runs.items()}
    names = st.multiselect("Lay over each other", list(runs), list(runs)[:AT_FIRST], format_func=titles.get, key="runs")
    chosen = {name: runs[name] for name in names if name in runs}
    if chosen:
        _curves(chosen)
        _differences(chosen)
        _again(chosen)


def title(name: str, view: RunView) -> str:
    """A run in one line."""
    right = f"{view.done.val_accuracy:.1%}" if view.done else "broke off"
    network = "your own network" if "(" in view.config.network else view.config.network
    epochs = "1 epoch" if len(view.epochs) == 1 else f"{len(view.epochs)} epochs"
    return f"{name}: {network}, {epochs}, {view.source.title}, {right}"


def _curves(chosen: dict[str, RunView]) -> None:
    epochs = {name: view.epochs for name, view in chosen.items()}
    for place, what in zip(st.columns(2, gap="medium"), (LOSS, ACCURACY), strict=True):
        alt = f"{what} of training and validation pictures after each epoch: {', '.join(chosen)}"
        place.vega_lite_chart(points(epochs, what), overlay_spec(list(chosen), what), key=f"runs-{what}", alt=alt)


def _differences(chosen: dict[str, RunView]) -> None:
    views = list(chosen.values())
    different = differing(views)
    if len(views) > 1:
        alike = len(settings(views[0])) - len(different)
        marked = ", ".join(f"**{name}**" for name in different) or "nothing: they are the same run"
        st.markdown(f"They differ in {marked}. The other {alike} settings are the same.")
    st.dataframe(comparison(chosen), alt="Settings that differ, and results, a column a run.")


def _again(chosen: dict[str, RunView]) -> None:
    """A button a run."""
    with st.container(horizontal=True):
        for name, view in chosen.items():
            help = "Sets every control to what this run had."
            st.button(
                f"{name} again, with one thing changed",
                key=f"again-{name}",
                icon=":material/replay:",
                on_click=_take_over,
                args=(name, view),
                help=help,
            )


def _take_over(name: str, view: RunView) -> None:
    take_over(name, view)
    st.session_state[f"{SET_TO} now"] = True
