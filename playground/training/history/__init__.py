"""The runs of this visitor: the result of each, a comparison, and each as a start for the next."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.jobs.job_spec import Source
from core.jobs.run_state import RunView
from core.knobs import knobs_of
from core.percent import percent
from core.training import NETWORKS, RECIPES, TrainConfig, differences
from playground import lesson, units
from playground.charts import run_comparison
from playground.charts.run_comparison import ACCURACY, LOSS
from playground.identity import owner
from playground.job_manager import job_manager
from playground.plotly_chart import plotly_chart
from playground.training import preselection
from playground.training.data import dataset_choice
from playground.training.history import deletion
from playground.training.history.config_diff import comparison, differing, numbered, parallel_axes, settings

AT_FIRST = 2  # runs compared until somebody chooses
SET_TO = "history set to"  # in the session's state: the run whose settings the controls have just taken


@lesson.fragment
def show() -> None:
    """This visitor's finished runs; nothing before there is one."""
    if st.session_state.pop(f"{SET_TO} now", False):
        st.rerun()  # the controls stand outside this fragment
    runs = numbered(job_manager().runs(owner()))
    if not runs:
        deletion.damaged_runs()
        return
    lesson.subheader("Your runs")
    deletion.damaged_runs()
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
    result = (
        "failed" if view.done is None else "diverged" if view.done.has_diverged else percent(view.done.val_accuracy)
    )
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
    with st.container(horizontal=True):
        for name, view in chosen.items():
            options = {"icon": ":material/replay:", "help": "Sets all controls to the settings of this run."}
            label, key = f"Repeat {name} with one change", f"again-{name}"
            st.button(label, key=key, on_click=restore, args=(name, view), **options)
            deletion.delete_button(name, view.run_id)


def restore(name: str, view: RunView) -> None:
    """Set the controls to a run's: for a button's callback, before the widgets are drawn again."""
    recipe = nearest_recipe(view.config)
    st.session_state["tr"] = recipe
    prefix = f"t{RECIPES[recipe].key}_"
    own = view.config.network if view.config.network not in NETWORKS else ""
    for knob in knobs_of(TrainConfig):
        st.session_state[f"{prefix}{knob}"] = getattr(view.config, knob)
    if own:
        st.session_state[f"{prefix}network"] = RECIPES[recipe].config().network
    st.session_state[f"{prefix}own"] = own
    st.session_state["tz"] = view.size
    preselection.by_hand()
    choose_dataset(view.source)
    st.session_state[SET_TO] = name
    st.session_state[f"{SET_TO} now"] = True


def nearest_recipe(config: TrainConfig) -> str:
    """The named recipe from which the fewest settings have to be changed.

    >>> all(nearest_recipe(recipe.config()) == name for name, recipe in RECIPES.items())
    True
    """
    return min(RECIPES, key=lambda name: len(differences(RECIPES[name].config(), config)))


def choose_dataset(source: Source) -> None:
    """The run's images; those of an upload that has been removed stay unchosen."""
    if source.is_named:
        dataset_choice.choose_next(source.name)
        return
    same = {key: one for key, one in dataset_choice.own_datasets().items() if one.read_as(source.choice) == source}
    if same:
        key = next((key for key, one in same.items() if one == source), next(iter(same)))
        dataset_choice.correct(same[key], source.choice)
        dataset_choice.choose_next(key)
    elif Path(source.path).exists():
        dataset_choice.add(source)
